/** YAML as Home Assistant reads it: version 1.1, in which `on` and `off` are no texts, with its tag for the inputs of blueprints. */
import { parse } from 'yaml';

/** Where a blueprint takes what its user has chosen. */
export class Input {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const INPUT = {
  tag: '!input',
  identify: (value: unknown) => value instanceof Input,
  resolve: (name: string) => new Input(name),
};

/** Throws where it is no YAML, or says something twice. */
export const readYaml = (text: string): unknown =>
  parse(text, { version: '1.1', customTags: [INPUT], prettyErrors: true });
