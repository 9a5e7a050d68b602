import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { check, HarnessError, replay, run, sweep, type ProgressSnapshot } from '../../harness/index.ts';
import { temporaryFolder } from '../support/cli.ts';
import { startShop } from '../support/shop.ts';
import { writeShopConfig } from '../support/shop-config.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const own = { engine: 'embedded', proxy: 'embedded', out: folder.path } as const;
const embedded = { ...own, store: 'memory' } as const;

describe('run', () => {
  test('gives a typed verdict, tells its progress, and writes what the command writes', async () => {
    const told: ProgressSnapshot[] = [];
    const { verdict, runs, failures, text } = await run({
      ...embedded,
      scenarios: 'double-click',
      intents: 12,
      onProgress: (progress) => told.push(progress),
    });
    expect({ verdict, failures }).toEqual({ verdict: 'valid', failures: [] });
    const [only] = runs;
    expect(only?.verdict.counts.intents).toBeGreaterThanOrEqual(12);
    expect(existsSync(join(only?.dir ?? '', 'report.html'))).toBe(true);
    expect(text).toContain('VALID');
    expect(told.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['healing', 'settling']));
    expect(told.at(-1)?.attempts).toBe(only?.verdict.counts.attempts);
  });

  test('a wrong edition is invalid, is judged so again from its history, and comes again by its plan', async () => {
    const { verdict, runs, text } = await run({
      ...embedded,
      scenarios: ['key-reuse'],
      defect: 'no-fingerprint',
      intents: 16,
    });
    expect(verdict).toBe('invalid');
    expect(text).toContain('payload-binding');
    const dir = runs[0]?.dir ?? '';
    const again = await check(join(dir, 'history.ndjson'));
    expect(again.violations).toEqual(runs[0]?.verdict.violations);
    const { outcome, wanted } = await replay(dir, { out: folder.path });
    expect({ outcome, rule: wanted[0]?.rule }).toEqual({ outcome: 'reproduced', rule: 'payload-binding' });
  });

  test('a signal ends it early: judged, and never valid', async () => {
    const controller = new AbortController();
    const { verdict, runs } = await run({
      ...embedded,
      scenarios: 'soak',
      duration: '60s',
      signal: controller.signal,
      onProgress: ({ attempts }) => {
        if (attempts > 20) controller.abort();
      },
    });
    expect(verdict).toBe('unknown');
    expect(runs[0]?.verdict.reasons.join()).toContain('interrupted');
  });

  test('a signal while points are being given accuses nobody of what nobody wrote down', async () => {
    const shop = await startShop({ nameOf: ({ body }) => body['name'] });
    const controller = new AbortController();
    Object.assign(globalThis, { cutShort: () => controller.abort() });
    const credit = `async credit({ customer, points }) {
      await fetch(admin + customer, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ points }) });
      globalThis.cutShort();
      await new Promise(() => undefined);
    }`;
    const redeem =
      "{ path: '/{customer_id}/redemptions', body: { reward: '{reward_id}', name: '{client_redemption_id}' } }";
    const { verdict, runs } = await run({
      ...own,
      target: writeShopConfig(folder.path, shop.url, { redeem }, { hooks: credit }),
      scenarios: 'near-zero',
      faults: 'none',
      signal: controller.signal,
    });
    await shop.close();
    const [only] = runs;
    expect({ verdict, violations: only?.verdict.violations }).toEqual({ verdict: 'unknown', violations: [] });
    expect(readFileSync(join(only?.dir ?? '', 'history.ndjson'), 'utf8')).toContain('"asked":true');
  });

  test('what a listener throws changes nothing', async () => {
    const { verdict } = await run({
      ...embedded,
      scenarios: 'double-click',
      intents: 8,
      faults: 'none',
      onProgress: () => {
        throw new Error('not mine');
      },
    });
    expect(verdict).toBe('valid');
  });
});

test('sweep ends at the first stand that breaks a rule, when asked to', async () => {
  const told: number[] = [];
  const { verdict, dir } = await sweep({
    store: 'memory',
    out: folder.path,
    defect: 'check-then-act',
    first: true,
    onProgress: ({ done }) => told.push(done),
  });
  expect(verdict.violations[0]?.rule).toBe('double-debit');
  expect(told.length).toBeGreaterThan(0);
  expect(existsSync(join(dir, 'stands'))).toBe(true);
});

describe('wrong options are refused in one line, before anything is started', () => {
  const at = { ...embedded, out: join(folder.path, 'never') };
  const endpoint = {
    baseUrl: 'http://192.0.2.1:1',
    redeem: { path: '/redeem', body: {} },
    answer: {},
    customers: ['a'],
  };
  test.each([
    ['an option that is none', () => run({ ...at, scenario: 'soak' } as object), /scenario: no such option/],
    ['an engine', () => run({ ...at, engine: 'jmeter' as 'k6' }), /engine: .*auto, embedded, k6.*"jmeter"/],
    ['a seed', () => run({ ...at, seed: -1 }), /seed: .*whole number/],
    ['a seed that is an object', () => run({ ...at, seed: {} as number }), /seed: .*whole number/],
    ['a duration', () => run({ ...at, duration: 'soon' }), /duration: /],
    ['a scenario', () => run({ ...at, scenarios: 'soap' }), /soap/],
    ['scenarios that are no texts', () => run({ ...at, scenarios: [7] as never }), /scenarios: .*texts/],
    ['a schedule', () => run({ ...at, scenarios: 'soak', faults: 'gentle' }), /gentle/],
    ['a report', () => run({ ...at, report: ['pdf'] as never }), /report: .*html/],
    ['a signal', () => run({ ...at, signal: 'now' as never }), /signal: .*AbortSignal/],
    ['a config file', () => run({ ...at, target: 'not/there.ts' }), /target: no such file/],
    ['a config', () => run({ ...at, target: endpoint as never }), /redeem|baseUrl|answer/],
    ['a depth', () => sweep({ depth: 3 as 2 }), /depth: .*from 1 to 2/],
    ['a rate without a duration', () => run({ ...at, scenarios: 'soak', rate: 5 }), /duration/],
    ['a history', () => check(join(folder.path, 'none.ndjson')), /none\.ndjson/],
    ['a folder without a plan', () => replay(folder.path), /plan/],
  ])('%s', async (_what, call, line) => {
    const error = await call().then(
      () => expect.fail('it was taken'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HarnessError);
    expect((error as HarnessError).kind).toBe('usage');
    expect((error as HarnessError).message).toMatch(line);
    expect((error as HarnessError).message).not.toContain('\n');
    expect(existsSync(at.out)).toBe(false);
  });
});
