import { describe, expect, test } from 'vitest';

import { PARITY, type ParityCase } from './parity.ts';
import { k6, run, withoutK6, type Outcome } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const ROWS = PARITY.filter(({ isSlow }) => isSlow !== true);
const SLOW_ROWS = PARITY.filter(({ isSlow }) => isSlow === true);

describe('the embedded engine', () => {
  for (const row of ROWS) test(row.title, () => check('embedded', row));
  describe.concurrent('in its own time', () => {
    for (const row of SLOW_ROWS) test(row.title, () => check('embedded', row));
  });
});

describe(`the real k6${withoutK6}`, () => {
  for (const row of ROWS) test.skipIf(k6 === undefined)(row.title, () => check('k6', row));
  describe.concurrent('in its own time', () => {
    for (const row of SLOW_ROWS) test.skipIf(k6 === undefined)(row.title, () => check('k6', row));
  });
});

async function check(engine: 'embedded' | 'k6', row: ParityCase): Promise<void> {
  const server = await startServer();
  try {
    const { overrides, fails } = row;
    const env = { ...row.env, BASE_URL: server.url };
    const running = run(engine, row.script, overrides === undefined ? { env } : { env, overrides });
    if (fails === undefined) compare(row, await running, server);
    else await expect(running).rejects.toThrow(fails);
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
  if (row.summary !== undefined) {
    const [line = ''] = (result.stdout ?? '').split('\n').filter((text) => text.startsWith('SUMMARY'));
    expect(JSON.parse(line.replace('SUMMARY ', ''))).toEqual(row.summary);
  }
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
