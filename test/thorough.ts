/** `.ci/run` sets EARLID_THOROUGH and looks at everything; without it tests that could go on for minutes look at samples of the same. */
import { test } from '@jest/globals';

export const isThorough = process.env.EARLID_THOROUGH === '1';

/** A test for which `npm test` has no time. */
export const thoroughTest = isThorough ? test : test.skip;
