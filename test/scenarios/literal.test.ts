import { afterAll, expect, test } from 'vitest';

import { runForVerdict, temporaryFolder, told } from '../support/cli.ts';

const out = temporaryFolder();

afterAll(() => out.remove());

/** Enough iterations that one in ten, which sleeps over the expiry, is among them. */
const ARGUMENTS = ['retry-storm', '--faults', 'none', '--engine', 'embedded', '--proxy', 'embedded'];
const SIZE = ['--store', 'memory', '--intents', '60', '--seed', '1', '--out', out.path];

test('the run with the literal client is invalid by a double redemption, the same run with the safe client is valid', async () => {
  const literal = await runForVerdict([...ARGUMENTS, ...SIZE, '--client', 'seed-literal']);
  expect(literal.code, told(literal.verdict)).toBe(1);
  expect([...new Set(literal.verdict.violations.map(({ rule }) => rule))]).toEqual(['duplicate-intent']);
  const safe = await runForVerdict([...ARGUMENTS, ...SIZE, '--client', 'seed']);
  expect(safe.code, told(safe.verdict)).toBe(0);
});
