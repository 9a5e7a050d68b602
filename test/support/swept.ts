/** A sweep by the command line, and what it found. */

import { expect } from 'vitest';
import type { Verdict } from '../../harness/model/verdict.ts';
import { onceproof, type CliResult } from './cli.ts';

export interface Swept extends CliResult {
  readonly verdict: Verdict;
  /** The first stand, in the order in which they were taken, at which a rule was broken. */
  readonly broken: NonNullable<Verdict['sweep']>['stands'][number] | undefined;
}

/** Fails the test, with what was said, where there is no verdict. */
export async function swept(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Swept> {
  const done = await onceproof(['sweep', ...args, '--json'], { env });
  expect(done.stdout, done.stderr).not.toBe('');
  const verdict = JSON.parse(done.stdout) as Verdict;
  const broken = verdict.sweep?.stands.find((stand) => stand.broken !== undefined);
  return { ...done, verdict, broken };
}
