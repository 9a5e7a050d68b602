/** A property as a test: what fails is shrunk, and printed with seed, path and the command that replays it. */

import fc from 'fast-check';
import { expect, test } from 'vitest';

export interface PropOptions {
  /** Default 100; FC_RUNS multiplies it. */
  readonly runs?: number;
  /** ms for the whole property. */
  readonly timeoutMs?: number;
}

/** Holds for all values of the arbitraries: the predicate returns nothing or true, and throws or returns false where it does not. */
export function prop<Values extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { readonly [K in keyof Values]: fc.Arbitrary<Values[K]> },
  predicate: (...values: Values) => boolean | void | Promise<boolean | void>,
  options: PropOptions = {},
): void {
  test(name, { timeout: (options.timeoutMs ?? 120_000) * Number(process.env['FC_RUNS'] ?? 1) }, async () => {
    const { FC_PATH, FC_RUNS, CI } = process.env;
    // A gate is repeatable: what new seeds find, they find on the way to it (and in `npm run prove`).
    const FC_SEED = process.env['FC_SEED'] ?? (CI ? '20261124' : undefined);
    const details = await fc.check(
      fc.asyncProperty(...arbitraries, async (...values: Values) => predicate(...values)),
      {
        numRuns: (options.runs ?? 100) * Number(FC_RUNS ?? 1),
        ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }),
        ...(FC_PATH !== undefined && { path: FC_PATH, endOnFailure: true }),
      },
    );
    if (!details.failed) return;
    const replay = `FC_SEED=${details.seed} FC_PATH=${details.counterexamplePath ?? ''}`;
    const file = expect.getState().testPath?.replace(`${process.cwd()}/`, '') ?? '';
    const command = `${replay} npx vitest run ${file} -t ${JSON.stringify(name)}`;
    const why = details.errorInstance instanceof Error ? details.errorInstance.message : '';
    throw new Error(`${fc.defaultReportMessage(details)}\n${why}\nreplay: ${command}`, {
      cause: details.errorInstance,
    });
  });
}
