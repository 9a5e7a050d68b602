import { describe, expect, test } from 'vitest';

import { PARITY, type ParityCase } from './parity.ts';
import { k6, run, withoutK6, type Outcome } from './run.ts';
import { startServer, type TestServer } from './server.ts';

describe('the embedded engine', () => {
  for (const row of PARITY) test(row.title, () => check('embedded', row));

  test('gives handleSummary what k6 gives it', async () => {
    const { result } = await run('embedded', 'handle-summary.js');
    expect(JSON.parse((result.stdout ?? '').replace('SUMMARY ', ''))).toEqual(SUMMARY);
  });
});

describe('the real k6', () => {
  for (const row of PARITY) test.skipIf(k6 === undefined)(`${row.title}${withoutK6}`, () => check('k6', row));

  test.skipIf(k6 === undefined)(`gives handleSummary the same${withoutK6}`, async () => {
    const { result } = await run('k6', 'handle-summary.js');
    const [line = ''] = (result.stdout ?? '').split('\n').filter((text) => text.startsWith('SUMMARY'));
    expect(JSON.parse(line.replace('SUMMARY ', ''))).toEqual(SUMMARY);
  });
});

const SUMMARY = {
  events: 2,
  thresholds: { 'count==2': { ok: true } },
  checks: { rate: 0.5, passes: 2, fails: 2 },
  crossed: { 'rate>0.9': { ok: false } },
  rootChecks: [{ name: 'wrong', passes: 0, fails: 2, path: '::wrong' }],
  groups: [{ name: 'outer', path: '::outer', checks: 1 }],
  hasDuration: true,
};

async function check(engine: 'embedded' | 'k6', row: ParityCase): Promise<void> {
  const server = await startServer();
  try {
    const { overrides } = row;
    const env = { ...row.env, BASE_URL: server.url };
    compare(
      row,
      await run(engine, row.script, overrides === undefined ? { env } : { env, overrides }),
      server,
    );
  } finally {
    await server.close();
  }
}

function compare(row: ParityCase, { result, lines, log }: Outcome, server: TestServer): void {
  expect({ exitCode: result.exitCode, log }).toEqual({ exitCode: row.exitCode ?? 0, log });
  within(result.iterations, row.iterations);
  within(result.dropped, row.dropped);
  if (row.lines !== undefined) expect(sorted(lines)).toEqual(sorted(row.lines));
  if (row.checks !== undefined) {
    expect(result.checks.map(({ name, passes, fails }) => `${name} ${passes}/${fails}`).toSorted()).toEqual(
      row.checks,
    );
  }
  const crossed = result.thresholds
    .filter(({ ok }) => !ok)
    .map(({ metric, expression }) => `${metric} ${expression}`);
  expect(crossed.toSorted()).toEqual(row.crossed ?? []);
  if (row.reason !== undefined) expect(result.reason).toContain(row.reason);
  if (row.arrivals !== undefined) expect(server.arrivals).toHaveLength(row.arrivals);
}

function within(found: number, expected: ParityCase['iterations']): void {
  if (expected === undefined) return;
  const [min, max] = typeof expected === 'number' ? [expected, expected] : expected;
  expect(found).toBeGreaterThanOrEqual(min);
  expect(found).toBeLessThanOrEqual(max);
}

function sorted(lines: readonly object[]): string[] {
  return lines.map((line) => JSON.stringify(line)).toSorted();
}
