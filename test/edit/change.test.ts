import { describe, expect, test } from '@jest/globals';
import { type Edit, edited } from '../../controller/edit/change.ts';

const LINK = '    link: { bench: uno-relay }\n';
const kitchen = (rest: string) => `gates:\n  kitchen:\n${LINK}${rest}`;
const append: Edit = { kind: 'append', side: 'listen', rule: { schedule: 'NEW' } };
const first = { side: 'listen', index: 0 } as const;
const remove: Edit = { kind: 'remove', ...first };
const replace: Edit = { kind: 'replace', ...first, rule: { schedule: 'NEW' } };
const reword: Edit = { kind: 'reword', ...first, schedule: 'NEW' };

describe('unusual styles', () => {
  test.each<[string, Edit, string, string]>([
    [
      'an anchor that nobody uses',
      remove,
      '    listen: &l # c\n      - &one { schedule: a }\n',
      '    listen: &l [] # c\n',
    ],
    [
      'tags',
      reword,
      '    listen: !!seq\n      - !!map { schedule: !!str "a" }\n',
      '    listen: !!seq\n      - !!map { schedule: !!str "NEW" }\n',
    ],
    [
      'a dash in a line of its own',
      append,
      '    listen:\n      -\n        schedule: b\n',
      '    listen:\n      -\n        schedule: b\n      - { schedule: "NEW" }\n',
    ],
    [
      'a comment after the dash',
      replace,
      '    listen:\n      - # c\n        schedule: b\n',
      '    listen:\n      - # c\n        { schedule: "NEW" }\n',
    ],
    [
      'a text in lines that keeps its end',
      replace,
      '    listen:\n      - schedule: |+\n          a\n\n\n    button: 1m\n',
      '    listen:\n      - { schedule: "NEW" }\n    button: 1m\n',
    ],
    [
      'a text in lines at the very end',
      append,
      '    listen:\n      - schedule: >\n          a\n          b',
      '    listen:\n      - schedule: >\n          a\n          b\n      - { schedule: "NEW" }',
    ],
    [
      'a text over two lines',
      reword,
      '    listen:\n      - schedule: Mo 07:00-08:00;\n          Tu 08:00-09:00 # c\n',
      '    listen:\n      - schedule: NEW # c\n',
    ],
    ['no value', append, '    listen: # none\n', '    listen: [ { schedule: "NEW" } ] # none\n'],
    ['a written null', append, '    listen: ~ # none\n', '    listen: [ { schedule: "NEW" } ] # none\n'],
    [
      'a comment that ends the file',
      append,
      '    listen:\n      - schedule: a\n      # end',
      '    listen:\n      - schedule: a\n      - { schedule: "NEW" }\n      # end',
    ],
    [
      'a comment that belongs to the rule above',
      append,
      '    listen:\n      - schedule: a\n        # if: b\n',
      '    listen:\n      - schedule: a\n        # if: b\n      - { schedule: "NEW" }\n',
    ],
    [
      'brackets with nothing but comments',
      append,
      '    listen: [ # one\n      # two\n    ]\n',
      '    listen: [ { schedule: "NEW" } # one\n      # two\n    ]\n',
    ],
    [
      'brackets that close in the last line',
      remove,
      '    listen: [ { schedule: a }, # x\n      { schedule: b } ] # y\n',
      '    listen: [ # x\n      { schedule: b } ] # y\n',
    ],
    [
      'a comma at the beginning of a line',
      append,
      '    listen: [{ schedule: a }\n     , { schedule: b }\n    ]\n',
      '    listen: [{ schedule: a }\n     , { schedule: b }, { schedule: "NEW" }\n    ]\n',
    ],
    [
      'a comment within braces',
      replace,
      '    listen: [{ # x\n      schedule: a }]\n',
      '    listen: [ # x\n      { schedule: "NEW" }]\n',
    ],
    [
      'a document that ends',
      append,
      '    listen:\n      - schedule: a\n...\n# after\n',
      '    listen:\n      - schedule: a\n      - { schedule: "NEW" }\n...\n# after\n',
    ],
  ])('%s', (_, edit, before, after) => {
    expect(edited(kitchen(before), 'kitchen', [edit])).toBe(kitchen(after));
  });
});

describe('what a program cannot do alone is refused', () => {
  test.each<[string, Edit, string, RegExp]>([
    ['a text that is no YAML', append, kitchen('    listen: [\n'), /not YAML/],
    ['a key that is there twice', append, kitchen('    listen: []\n    listen: []\n'), /something else/],
    ['a list that is none', append, kitchen('    listen: often\n'), /is no list/],
    ['a rule that is not there', remove, kitchen('    listen: []\n'), /has no rule 1/],
    ['a gate that is no mapping', append, 'gates: { kitchen: 1 }\n', /is no mapping/],
    [
      'a rule that another gate has too',
      remove,
      `gates:\n  kitchen:\n${LINK}    listen: [ &a { schedule: x } ]\n  bath: { listen: [ *a ] }\n`,
      /anchor `&a`/,
    ],
    ['a gate that is another one', append, `gates:\n  bath: &b { link: 1 }\n  kitchen: *b\n`, /is `\*b`/],
    [
      'what is nested too deeply',
      append,
      `${kitchen('')}x: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
      /deep|call stack/,
    ],
  ])('%s', (_, edit, text, why) => {
    expect(() => edited(text, 'kitchen', [edit])).toThrow(why);
  });
});
