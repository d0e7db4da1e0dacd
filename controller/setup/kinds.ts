/** Kinds of speakers that Earlid has a page about. */
import { readFileSync } from 'node:fs';

export interface SpeakerKind {
  /** `speaker.kind` in earlid.yaml. */
  readonly id: string;
  readonly name: string;
  /** The gate it takes to make it deaf; null: none is known. */
  readonly build: string | null;
}

/** From `hardware/speakers.json` of this package; none where that is missing. */
export function speakerKinds(): readonly SpeakerKind[] {
  for (const up of ['../../', '../../../']) {
    try {
      const text = readFileSync(new URL(`${up}hardware/speakers.json`, import.meta.url), 'utf8');
      return (JSON.parse(text) as { speakers: SpeakerKind[] }).speakers;
    } catch {
      // Not at this depth.
    }
  }
  return [];
}
