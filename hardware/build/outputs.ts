/** Every file that `npm run generate` makes in this folder, by its path below `hardware/`. */
import { withSection } from '../../schemas/sections.ts';
import { BUILDS, readBuild, readText } from './read.ts';
import { benchOf, deckOf, parseResults } from './simulation.ts';
import { evidenceTable, parseSpeakers, speakerPage, speakerTable } from './speakers.ts';
import { toSvg } from './svg.ts';
import { measurementTable, partsTable, wiringTable } from './tables.ts';

const withSections = (page: string, sections: Readonly<Record<string, string>>): string =>
  Object.entries(sections).reduce((text, [name, body]) => withSection(text, name, body), page);

/** Path → content, from the parts lists, circuits, results and speakers that are checked in. */
export function outputs(): Readonly<Record<string, string>> {
  const made: Record<string, string> = {};
  for (const name of BUILDS) {
    const build = readBuild(name);
    const { parts, circuit } = build;
    const { measured } = parseResults(readText(`${name}/results.json`));
    made[`${name}/driver.cir`] = deckOf(build);
    made[`${name}/diagram.svg`] = toSvg(circuit, parts);
    made[`${name}/README.md`] = withSections(readText(`${name}/README.md`), {
      wiring: wiringTable(circuit, parts),
      parts: partsTable(parts),
      measurements: measurementTable(parts, benchOf(build).measures, measured),
    });
  }
  const speakers = parseSpeakers(readText('speakers.json'));
  for (const speaker of speakers) made[`speakers/${speaker.id}.md`] = speakerPage(speaker);
  made['README.md'] = withSections(readText('README.md'), {
    speakers: speakerTable(speakers),
    evidence: evidenceTable(),
  });
  return made;
}
