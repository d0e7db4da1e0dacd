import { expectGolden } from '../golden.ts';

/** Pages of the doctor, by name. */
export const golden = (name: string, page: string): void =>
  expectGolden(new URL(`./golden/${name}.txt`, import.meta.url), page);
