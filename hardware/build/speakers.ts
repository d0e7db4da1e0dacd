/** The pages of the speakers, made from `speakers.json`: every statement with the level of its evidence. */
import { z } from 'zod';
import { BUILDS } from './read.ts';

const EVIDENCE = {
  measured: 'measured on a unit by somebody who published it; not by Earlid',
  'data sheet': 'the data sheet or label of the maker says so',
  reported: 'written by owners, reviewers or in a teardown; a single poor source is called weak',
  unknown: 'found nowhere, or sources contradict each other: find out before you build',
} as const;

const speaker = z.strictObject({
  /** File name, and `speaker.kind` in earlid.yaml. */
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string(),
  build: z.enum(BUILDS).nullable(),
  /** Why this build, or why none. */
  because: z.string(),
  sense: z.string(),
  facts: z.array(
    z.strictObject({
      about: z.string(),
      says: z.string(),
      evidence: z.enum(Object.keys(EVIDENCE) as [keyof typeof EVIDENCE]),
    }),
  ),
  /** What to do or find out before buying parts. */
  first: z.array(z.string()).min(1),
});
export type Speaker = z.infer<typeof speaker>;

/** Reads the text of `speakers.json`. Throws what zod found wrong. */
export const parseSpeakers = (text: string): readonly Speaker[] =>
  z.strictObject({ speakers: z.array(speaker) }).parse(JSON.parse(text)).speakers;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const WHILE_MUTED = {
  'relay-supply': 'off: no music, no alarms, no timers; 30 to 60 s to start again',
  'relay-microphone': 'on: music and alarms play, nothing is heard',
  'servo-slide': 'on: music and alarms play, its own switch is at mute',
} as const;

/** Speaker by speaker: the build, its sense, what is left while muted. */
export const speakerTable = (speakers: readonly Speaker[]): string =>
  `${[
    row(['speaker', 'build', 'sense', 'the speaker while muted']),
    row(['---', '---', '---', '---']),
    ...speakers.map(({ id, name, build, sense }) =>
      row([
        `[${name}](speakers/${id}.md)`,
        build ? `[\`${build}\`](${build}/README.md)` : 'none',
        sense,
        build ? WHILE_MUTED[build] : '',
      ]),
    ),
  ].join('\n')}\n`;

/** What the levels of evidence mean. */
export const evidenceTable = (): string =>
  `${[
    row(['level', 'meaning']),
    row(['---', '---']),
    ...Object.entries(EVIDENCE).map(([level, meaning]) => row([level, meaning])),
  ].join('\n')}\n`;

/** The whole page of one speaker. */
export function speakerPage({ id, name, build, because, sense, facts, first }: Speaker): string {
  return `${[
    '<!-- Made from ../speakers.json by `npm run generate`: change it there. -->',
    `# ${name}`,
    '',
    build ? `Build: [\`${build}\`](../${build}/README.md). ${because}` : `No build. ${because}`,
    '',
    'Nothing on this page has been tried by Earlid on a real speaker. The levels of evidence are explained in [Which gate for which speaker](../README.md#how-sure-is-that).',
    '',
    row(['about', 'statement', 'evidence']),
    row(['---', '---', '---']),
    ...facts.map(({ about, says, evidence }) => row([about, says, evidence])),
    '',
    ...(build ? [`Sense: ${sense}.`, '', `While muted the speaker is ${WHILE_MUTED[build]}.`, ''] : []),
    '## Before you build',
    '',
    ...first.map((step, i) => `${i + 1}. ${step}`),
    ...(build
      ? [
          '',
          '## In earlid.yaml',
          '',
          '```yaml',
          build === 'relay-supply'
            ? `speaker: { kind: ${id}, ready_after: 60s }   # longer if yours takes longer to start`
            : `speaker: { kind: ${id} }`,
          '```',
        ]
      : []),
  ].join('\n')}\n`;
}
