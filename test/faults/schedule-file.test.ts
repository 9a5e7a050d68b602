import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSchedule } from '../../harness/faults/schedule-file.ts';
import { resolveSchedule } from '../../harness/faults/schedule.ts';
import { bundledCapabilities } from '../../harness/environment/capabilities.ts';
import { HarnessError } from '../../harness/base/errors.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const options = {
  seed: '1',
  scenario: 'soak',
  capabilities: bundledCapabilities({ store: 'redis', replicas: 2 }),
};

describe('a schedule file', () => {
  test('says what the store keeps, and what happens to it', () => {
    const file = join(dir, 'unsafe.json');
    const rules = [
      { name: 'cut', what: 'power-loss', where: 'store', after: 100, for: 50 },
      { name: 'deploy', what: 'rolling-restart', where: 'replica', after: 1000, for: 50 },
    ];
    writeFileSync(file, JSON.stringify({ name: 'unsafe', persistence: 'everysec', rules }));
    const { persistence, timed } = resolveSchedule(file, options);
    expect(persistence).toBe('everysec');
    expect(timed.map(({ action, where, replica }) => [action, where, replica])).toEqual([
      ['power-loss', 'store', undefined],
      ['rolling-restart', 'replica', undefined],
    ]);
    const foreign = resolveSchedule(file, { ...options, ownsStore: false });
    expect(foreign.left).toEqual([{ rule: 'cut', why: 'the store is not a process of ours' }]);
  });

  test('becomes request faults and timed faults', () => {
    const file = join(dir, 'friday.json');
    writeFileSync(
      file,
      JSON.stringify({
        name: 'friday-night',
        rules: [
          { name: 'lost', what: 'http_lose_answer', share: 0.1, attempts: [1], detail: { how: 'reset' } },
          { name: 'slow', what: 'latency', where: 'edge:2', after: 500, for: 200, detail: { latency: 50 } },
          { name: 'dead', what: 'kill', where: 'replica:1', after: 1000, for: 200 },
          { name: 'cut', what: 'down', where: 'store-path', after: 3000, every: 1000, for: [100, 200] },
        ],
      }),
    );
    const schedule = resolveSchedule(file, { ...options, durationMs: 5000 });
    expect(schedule.profile).toBe('friday-night');
    expect(schedule.kinds).toEqual(['edge', 'server', 'store-path']);
    expect(schedule.http).toEqual([
      {
        kind: 'edge',
        toxic: {
          name: 'lost',
          type: 'http_lose_answer',
          attributes: {
            rule: 'lost',
            has_header: 'Onceproof-Attempt',
            share: 0.1,
            attempts: [1],
            how: 'reset',
          },
        },
      },
    ]);
    expect(schedule.timed.slice(0, 2)).toEqual([
      {
        id: 'slow#1',
        name: 'slow',
        kind: 'edge',
        action: 'latency',
        where: 'edge',
        replica: 2,
        startMs: 500,
        durationMs: 200,
        detail: { latency: 50 },
      },
      {
        id: 'dead#1',
        name: 'dead',
        kind: 'server',
        action: 'kill',
        where: 'replica',
        replica: 1,
        startMs: 1000,
        durationMs: 200,
        detail: {},
      },
    ]);
    expect(schedule.timed.slice(2).map(({ id }) => id)).toEqual(['cut#1', 'cut#2']);
  });

  test('a rule for a replica that is not there is left out, and said', () => {
    const file = join(dir, 'third.json');
    writeFileSync(
      file,
      JSON.stringify({ rules: [{ name: 'x', what: 'pause', where: 'replica:3', for: 100 }] }),
    );
    expect(resolveSchedule(file, options).left).toEqual([{ rule: 'x', why: 'only 2 replica(s)' }]);
  });
});

describe('each mistake is one line that names rule and member', () => {
  const rule = (more: object): string =>
    JSON.stringify({
      rules: [{ name: 'r', what: 'latency', where: 'edge', for: 100, detail: { latency: 5 }, ...more }],
    });
  const request = (more: object): string =>
    JSON.stringify({ rules: [{ name: 'r', what: 'http_lose_answer', ...more }] });
  const table: readonly (readonly [string, string])[] = [
    ['{', 'f.json: not JSON: '],
    ['[]', 'f.json: wrong value; expected an object with name and rules; found []'],
    ['{"rules":[]}', 'f.json: rules: wrong value; expected a list of 1 to 100 rules; found []'],
    ['{"rulez":[]}', 'f.json.rulez: wrong value; expected name, persistence, rules; found []'],
    ['{"rules":[7]}', 'f.json: rules[0]: wrong value; expected an object; found 7'],
    [
      '{"rules":[{"what":"down"}]}',
      'f.json: rules[0].name: wrong value; expected a text of 1 to 64 characters; found "nothing"',
    ],
    [rule({ what: 'lattency' }), 'f.json: rules[0].what: wrong value; expected http_lose_request, '],
    [
      rule({ where: 'store' }),
      'f.json: rules[0].where: wrong value; expected edge, edge:1, store-path, store-path:1 (for latency); found "store"',
    ],
    [rule({ where: 'edge:0' }), 'f.json: rules[0].where: '],
    [
      rule({ what: 'kill', detail: undefined }),
      'f.json: rules[0].where: wrong value; expected replica, replica:1, store (for kill); found "edge"',
    ],
    [
      rule({ for: undefined }),
      'f.json: rules[0].for: wrong value; expected ms from 10 to 60000, or [from, to]; found "nothing"',
    ],
    [rule({ for: [200, 100] }), 'f.json: rules[0].for: '],
    [
      rule({ every: 1 }),
      'f.json: rules[0].every: wrong value; expected a whole number from 100 to 86400000; found 1',
    ],
    [rule({ after: -1 }), 'f.json: rules[0].after: '],
    [
      rule({ evry: 1 }),
      'f.json: rules[0].evry: wrong value; expected name, what, where, after, every, times, for, overlap, stream, detail; found 1',
    ],
    [rule({ overlap: 'no' }), 'f.json: rules[0].overlap: wrong value; expected true or false; found "no"'],
    [
      rule({ times: 3 }),
      'f.json: rules[0].every: wrong value; expected ms from start to start, beside times; found "nothing"',
    ],
    [
      rule({ every: 100, times: 0 }),
      'f.json: rules[0].times: wrong value; expected a whole number from 1 to 20000; found 0',
    ],
    [request({ times: 1 }), 'f.json: rules[0].times: wrong value; expected name, what, where, share, '],
    [request({ overlap: true }), 'f.json: rules[0].overlap: '],
    [
      rule({ stream: 'both' }),
      'f.json: rules[0].stream: wrong value; expected upstream or downstream; found "both"',
    ],
    [rule({ detail: { latency: 1.5 } }), 'f.json: rules[0].detail.latency: '],
    [
      rule({ detail: { delay: 1 } }),
      'f.json: rules[0].detail.delay: wrong value; expected latency, jitter; found 1',
    ],
    // The real Toxiproxy dies of a slicer without attributes, and blocks at a bandwidth of 0.
    [
      rule({ what: 'slicer', detail: {} }),
      'f.json: rules[0].detail.average_size: wrong value; expected a whole number of at least 1; found "nothing"',
    ],
    [rule({ what: 'bandwidth', detail: { rate: 0 } }), 'f.json: rules[0].detail.rate: '],
    [request({ share: 2 }), 'f.json: rules[0].share: wrong value; expected a number from 0 to 1; found 2'],
    [
      request({ attempts: [0] }),
      'f.json: rules[0].attempts: wrong value; expected a list of attempt numbers, from 1; found [0]',
    ],
    [request({ first: 0 }), 'f.json: rules[0].first: '],
    [request({ where: 'edge' }), 'f.json: rules[0].where: wrong value; expected hop; found "edge"'],
    [request({ every: 100 }), 'f.json: rules[0].every: '],
    [
      '{"persistence":"some","rules":[]}',
      'f.json: persistence: wrong value; expected always, everysec, none; found "some"',
    ],
    [
      rule({ what: 'rolling-restart', where: 'replica:1', detail: undefined }),
      'f.json: rules[0].where: wrong value; expected replica (for rolling-restart); found "replica:1"',
    ],
    [
      rule({ what: 'power-loss', where: 'replica', detail: undefined }),
      'f.json: rules[0].where: wrong value; expected store (for power-loss); found "replica"',
    ],
    [
      rule({ what: 'slow', where: 'store', detail: {} }),
      'f.json: rules[0].detail.latency: wrong value; expected a whole number of at least 1; found "nothing"',
    ],
    [
      rule({ what: 'evict', where: 'store', detail: { percent: 101 } }),
      'f.json: rules[0].detail.percent: wrong value; expected a whole number from 1 to 100; found 101',
    ],
    [
      '{"rules":[{"name":"a","what":"http_lose_answer"},{"name":"a","what":"http_lose_answer"}]}',
      'f.json: rules: wrong value; expected a name of its own for each rule; found "a"',
    ],
  ];
  test.each(table)('%s', (text, line) => {
    let error: unknown;
    try {
      parseSchedule(text, 'f.json');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(HarnessError);
    expect(error).toMatchObject({ kind: 'usage', code: 'schedule_file' });
    expect((error as Error).message).toContain(line);
    expect((error as Error).message).not.toContain('\n');
  });

  test("an attribute that the hop's fault does not know is refused before the run, with the rule's name", () => {
    const file = join(dir, 'typo.json');
    writeFileSync(
      file,
      JSON.stringify({ rules: [{ name: 'lost', what: 'http_lose_answer', detail: { hwo: 'reset' } }] }),
    );
    expect(() => resolveSchedule(file, options)).toThrow(
      /^fault rule lost: .*hwo is unknown to http_lose_answer/,
    );
  });

  const requestFaults: readonly (readonly [string, object, string | undefined])[] = [
    ['http_replay', {}, undefined],
    ['http_replay', { delay_ms: 60_000, upstream: 'other' }, undefined],
    [
      'http_replay',
      { delay_ms: 3_600_001 },
      'attribute delay_ms of http_replay must be a number between 0 and 3600000, found 3600001',
    ],
    [
      'http_replay',
      { upstream: 'next' },
      'attribute upstream of http_replay must be one of same, other, any, found "next"',
    ],
    ['http_replay', { profile: 'go-transport' }, 'attribute profile is unknown to http_replay'],
    ['http_balancer', { profile: 'envoy-hedge', timeout_ms: 100, retries: 2 }, undefined],
    ['http_balancer', { profile: 'haproxy-retry-on', statuses: [500, 503], redispatch: 'each' }, undefined],
    [
      'http_balancer',
      { profile: 'traefik' },
      'attribute profile of http_balancer must be one of nginx-non-idempotent, haproxy-retry-on, envoy-hedge, go-transport, found "traefik"',
    ],
    [
      'http_balancer',
      { statuses: [99] },
      'attribute statuses of http_balancer must be a list of statuses from 200 to 599, found [99]',
    ],
    [
      'http_balancer',
      { retries: 101 },
      'attribute retries of http_balancer must be a number between 0 and 100, found 101',
    ],
    ['http_balancer', { delay_ms: 1 }, 'attribute delay_ms is unknown to http_balancer'],
  ];
  test.each(requestFaults)('%s with %j', (what, detail, reason) => {
    const file = join(dir, 'request.json');
    writeFileSync(file, JSON.stringify({ rules: [{ name: 'r', what, share: 0.1, detail }] }));
    if (reason === undefined) {
      expect(resolveSchedule(file, options).http).toMatchObject([
        { toxic: { name: 'r', type: what, attributes: { rule: 'r', share: 0.1, ...detail } } },
      ]);
      return;
    }
    let error: unknown;
    try {
      resolveSchedule(file, options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ kind: 'usage' });
    expect((error as Error).message).toContain('fault rule r: ');
    expect((error as Error).message).toContain(reason);
    expect((error as Error).message).not.toContain('\n');
  });

  test('a folder instead of a file is one clear line', () => {
    expect(() => resolveSchedule(dir, options)).toThrow(/cannot be read: is a directory$/);
  });
});
