/** Changes the rules of a gate in earlid.yaml: reads, plans, checks the whole, shows or writes it. */
import type { Config } from '../../schemas/config.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { compile } from '../config/compile.ts';
import { parseConfig } from '../config/file.ts';
import { noSuchGate } from '../config/nearest.ts';
import { configText, digestOf, readConfigBytes } from '../config/text.ts';
import { edited, type WrittenRule, writtenRules } from '../edit/change.ts';
import { type ListedGate, listRules } from '../edit/list.ts';
import type { Side } from '../edit/list-edits.ts';
import { type OverRule, overRules } from '../edit/over.ts';
import { type Plan, plan, type Wish } from '../edit/plan.ts';
import { replaceFile } from '../edit/replace-file.ts';
import { unifiedDiff } from '../edit/unified-diff.ts';
import { EditRefusal } from '../edit/yaml-text.ts';
import { siteHolidays } from '../presence/calendar/site-holidays.ts';

const compiledAt = (config: Config, now: number) =>
  compile(config, { isHoliday: siteHolidays(config.site), now });
const MARK = '\uFEFF';

/** A change that is checked and not yet written. */
export interface Change extends Plan {
  readonly gate: string;
  readonly file: string;
  readonly old: Uint8Array;
  readonly content: Uint8Array;
  /** Of the new content, as the daemon tells it. */
  readonly digest: string;
  /** Empty when nothing changes. */
  readonly diff: string;
}

/** The file as it is, and what is asked of it. */
export class RuleFile {
  readonly file: string;
  readonly #bytes: Uint8Array;
  readonly #text: string;
  readonly #now: number;

  /** Reads `file`; throws an `EarlidError`. `now` in UTC ms. */
  constructor(file: string, now: number) {
    this.file = file;
    this.#now = now;
    this.#bytes = readConfigBytes(file);
    this.#text = configText(this.#bytes, file);
  }

  /** As `start` would read it; throws `config-invalid`. */
  config() {
    return parseConfig(this.#text, this.file, this.#now);
  }

  /** Rules of a gate whose days have passed; throws `config-invalid`. */
  over(gate: string): OverRule[] {
    return overRules(compiledAt(this.config(), this.#now)).filter((rule) => rule.gate === gate);
  }

  /** Every gate with its rules; throws `config-invalid`. */
  list(): ListedGate[] {
    const config = this.config();
    return listRules(config, writtenRules(this.#text), this.#now);
  }

  /** Throws an `EarlidError`, or a `ScheduleError` about a text that was given. */
  change(gate: string, wish: Wish): Change {
    const rules = this.#rulesOf(gate);
    const planned = plan(gate, rules, wish);
    const text = this.#edited(gate, planned);
    this.#check(gate, text, planned);
    const hasMark = this.#bytes[0] === 0xef && this.#bytes[1] === 0xbb;
    const content = new TextEncoder().encode(hasMark ? MARK + text : text);
    const diff = unifiedDiff(this.file, this.#text, text);
    return { ...planned, gate, file: this.file, old: this.#bytes, content, digest: digestOf(content), diff };
  }

  #rulesOf(gate: string): Readonly<Record<Side, readonly WrittenRule[]>> {
    try {
      const gates = writtenRules(this.#text);
      const rules = gates.get(gate);
      if (rules) return rules;
      throw noSuchGate(gate, [...gates.keys()]);
    } catch (error) {
      if (!(error instanceof EditRefusal)) throw error;
      this.config();
      throw new EarlidError('edit-refused', { file: this.file, detail: error.message });
    }
  }

  #edited(gate: string, { edits, byHand }: Plan): string {
    try {
      return edited(this.#text, gate, edits);
    } catch (error) {
      if (!(error instanceof EditRefusal)) throw error;
      throw new EarlidError('edit-refused', { file: this.file, detail: error.message, byHand }, { byHand });
    }
  }

  /** The new file is one that a daemon would start with, and what was added will hold some day. */
  #check(gate: string, text: string, { added }: Plan): void {
    try {
      const over = overRules(compiledAt(parseConfig(text, this.file, this.#now), this.#now));
      const late = added.find(({ rule }) => over.some((each) => each.gate === gate && each.rule === rule));
      if (late)
        throw new EarlidError('schedule-refused', {
          detail: `\`${late.text}\`: that time has passed`,
          hint: 'Nothing was changed.',
        });
    } catch (error) {
      if (!(error instanceof EarlidError) || error.code !== 'config-invalid') throw error;
      // What is wrong anyhow is told with its places; these would be places in a file that is not there.
      this.config();
      const problems = (error.view.problems ?? []) as readonly { key: string; message: string }[];
      const detail = problems.map(({ key, message }) => `${key}: ${message}`).join('; ');
      throw new EarlidError('change-invalid', { file: this.file, detail }, { file: this.file });
    }
  }
}

/** Puts the new text in the place of the old one; throws an `EarlidError` when that cannot be. */
export const write = ({ file, old, content }: Change): Promise<void> => replaceFile(file, old, content);
