import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultEvent, HistoryEvent } from '../../harness/history/events.ts';
import { findProgram } from '../../harness/base/program.ts';
import { runForVerdict, temporaryFolder, told } from '../support/cli.ts';

const hasRedis = findProgram('redis-server') !== undefined;

/** kill -9 and a pause of a replica and of Redis, each in the middle of a storm of retries. */
const STORM = {
  name: 'kill-and-pause',
  rules: [
    { name: 'lost answers', what: 'http_lose_answer', share: 0.1, detail: { how: 'reset' } },
    { name: 'kill replica', what: 'kill', where: 'replica:1', after: 300, for: 150 },
    { name: 'pause replica', what: 'pause', where: 'replica:2', after: 1000, for: 400 },
    { name: 'kill redis', what: 'kill', where: 'store', after: 1800, for: 100 },
    { name: 'pause redis', what: 'pause', where: 'store', after: 3000, for: 400 },
  ],
};

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'storm.json'), JSON.stringify(STORM));
});
afterAll(() => folder.remove());

describe.skipIf(!hasRedis)(
  `kill -9 and pause${hasRedis ? '' : ' (skipped: redis-server is not installed)'}`,
  () => {
    test('of a replica and of Redis (AOF on) in the middle of a storm: the right server stays valid', async () => {
      const out = join(folder.path, 'results');
      const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'redis', '--replicas', '2'];
      const load = [
        '--vus',
        '20',
        '--duration',
        '5s',
        '--faults',
        join(folder.path, 'storm.json'),
        '--out',
        out,
      ];
      const run = await runForVerdict(['retry-storm', ...parts, ...load]);
      expect(run.verdict.verdict, told(run.verdict)).toBe('valid');
      const events = readFileSync(join(out, 'latest', 'history.ndjson'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as HistoryEvent);
      const faults = events.filter((event): event is FaultEvent => event.type === 'fault');
      for (const [kind, name] of [
        ['server', 'kill'],
        ['server', 'pause'],
        ['store', 'kill'],
        ['store', 'pause'],
      ]) {
        const phases = faults
          .filter((fault) => fault.kind === kind && fault.name === name)
          .map(({ phase }) => phase);
        expect(phases, `${kind} ${name}`).toEqual(['start', 'end']);
      }
      const reached = new Set(run.verdict.coverage.filter(({ count }) => count > 0).map(({ name }) => name));
      expect(reached).toContain('server-down-in-flight');
      expect(reached).toContain('store-down-in-flight');
    });
  },
);

describe('client policies', () => {
  const embedded = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory'];

  test("the text's literal rule makes a double redemption, and is shown up", async () => {
    const out = join(folder.path, 'literal');
    const run = await runForVerdict(['retry-storm', '--client', 'seed-literal', ...embedded, '--out', out]);
    expect(run.code, told(run.verdict)).toBe(1);
    const rules = run.verdict.violations.map(({ rule }) => rule);
    expect(rules.some((rule) => rule === 'double-debit' || rule === 'duplicate-intent')).toBe(true);
  });

  test('composite keys are keys like any other', async () => {
    const out = join(folder.path, 'composite');
    const run = await runForVerdict(['double-click', '--key-shape', 'composite', ...embedded, '--out', out]);
    expect(run.verdict.verdict, told(run.verdict)).toBe('valid');
  });
});

describe('contract profiles', () => {
  const embedded = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory'];

  test.each(['ietf', 'stripe'])('the server that runs by %s is valid by it', async (profile) => {
    for (const scenario of ['key-reuse', 'key-expiry', 'double-click']) {
      const out = join(folder.path, `${profile}-${scenario}`);
      const size = ['--intents', '24', '--out', out];
      const run = await runForVerdict([scenario, '--profile', profile, ...embedded, ...size]);
      expect(run.verdict.verdict, `${scenario}: ${told(run.verdict)}`).toBe('valid');
    }
  });
});
