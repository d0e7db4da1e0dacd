/** The first `earlid.yaml`, with comments for its reader. Pure. */

export interface SetupGate {
  readonly name: string;
  /** A serial port, or an emulated board. */
  readonly link: { readonly serial: string } | { readonly bench: string };
  readonly kind: string | null;
  /** A duration as it is written, for a gate that switches the supply of its speaker. */
  readonly readyAfter: string | null;
  readonly schedule: string | null;
}

export interface Setup {
  readonly zone: string;
  readonly place: { readonly latitude: number; readonly longitude: number } | null;
  readonly gates: readonly SetupGate[];
}

/** Comments begin here, where there is room. */
const COMMENT_AT = 48;
const EXAMPLE = 'Mo-Fr 07:00-08:30; Sa,Su 09:00-11:00';

/** The text of the file; every value is quoted where YAML would read something else. */
export function setupText({ zone, place, gates }: Setup): string {
  const sun = place
    ? [`  latitude: ${place.latitude}`, `  longitude: ${place.longitude}`]
    : [commented('  # latitude: 52.52', 'for sunrise and sunset in schedules'), '  # longitude: 13.40'];
  return [
    '# What Earlid may let listen when. `earlid config check` says what is wrong with this file;',
    '# docs/configuration.md has every key, docs/schedules.md the language of schedules.',
    'site:',
    commented(`  timezone: ${scalar(zone)}`, 'schedules go by the clock on a wall there'),
    ...sun,
    '',
    'gates:',
    ...gates.flatMap(gateLines),
    '',
  ].join('\n');
}

function gateLines({ name, link, kind, readyAfter, schedule }: SetupGate, index: number): string[] {
  const speaker = [
    ...(kind === null ? [] : [`kind: ${scalar(kind)}`]),
    ...(readyAfter === null ? [] : [`ready_after: ${readyAfter}`]),
  ];
  return [
    ...(index > 0 ? [''] : []),
    `  ${name}:`,
    'serial' in link
      ? `    link: { serial: ${scalar(link.serial)} }`
      : commented(`    link: { bench: ${link.bench} }`, 'an emulated board'),
    ...(speaker.length > 0 ? [`    speaker: { ${speaker.join(', ')} }`] : []),
    commented(schedule === null ? '    # listen:' : '    listen:', 'by itself, at these times'),
    `    ${schedule === null ? '# ' : ''}  - { schedule: ${JSON.stringify(schedule ?? EXAMPLE)} }`,
    commented('    # never:', 'not then, whatever else says so'),
    '    #   - { schedule: "22:00-07:00" }',
    commented('    button: 90s', 'how long a press unmutes'),
    commented('    may_unmute: [button, cli]', 'who may unmute; anyone may mute'),
    commented('    # button_alone: 2m', 'how long a press unmutes while Earlid does not run'),
  ];
}

const commented = (line: string, comment: string): string => `${line.padEnd(COMMENT_AT)} # ${comment}`;

/** Paths and names as they are where YAML reads them so. */
const scalar = (text: string): string =>
  /^[A-Za-z/][A-Za-z0-9/._+-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
