/** Endpoints that only accept, and ones that name what they made by a Location: judged by their configs alone. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CompleteEvent, HistoryEvent } from '../../harness/history/events.ts';
import { anyConfig, startAnyEndpoint, writeConfig, type EndpointShape } from '../support/any-endpoint.ts';
import { runForVerdict, temporaryFolder, told } from '../support/cli.ts';
import { Lanes } from '../support/lanes.ts';

/** Runs wait more than they work: three at once, each with an endpoint of its own. */
const lanes = new Lanes([1, 2, 3]);

const VALID = '{"verdict":"valid","reasons":[],"violations":[],"missed":[]}';
const BY_WORD = {
  value: '/state',
  done: ['done'],
  refused: { declined: 402 },
  answer: { redemption: '/result/id', balance: '/result/left', code: '/code' },
  everyMs: 10,
};
const BY_STATUS = { answer: { redemption: '/result/id', code: '/code' }, everyMs: 10 };

async function run(shape: EndpointShape, members: Readonly<Record<string, unknown>>, scenario: string) {
  const endpoint = await startAnyEndpoint(shape);
  const folder = temporaryFolder();
  try {
    const file = writeConfig(folder.path, anyConfig(endpoint.url, members));
    const out = join(folder.path, 'results');
    const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--seed', '1', '--out', out];
    const args = [scenario, '--target', file, '--intents', '24', ...parts];
    const result = await lanes.use(() => runForVerdict(args));
    const events = readFileSync(join(out, 'latest', 'history.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as HistoryEvent);
    const completes = events.filter((event): event is CompleteEvent => event.type === 'complete');
    return { ...result, completes, endpoint };
  } finally {
    await endpoint.close();
    folder.remove();
  }
}

describe.concurrent('an endpoint that answers 202 and tells elsewhere how it ended', () => {
  test.each([
    ['by a word at the address in Location', { tellsJob: 'location', jobSays: 'word' }, BY_WORD],
    [
      'by a word at a path with the name in the body',
      { tellsJob: 'body', jobSays: 'word' },
      { ...BY_WORD, from: '/job/name', path: '/jobs/{status}' },
    ],
    ['by 202 until the redemption itself is there', { tellsJob: 'location', jobSays: 'status' }, BY_STATUS],
  ] as const)('%s: valid', async (_, shape, status) => {
    const whole = { answers: 'accepted', jobMs: 15, ...shape } as const;
    const { code, verdict, completes } = await run(whole, { status }, 'duplicated-requests');
    expect(told(verdict)).toBe(VALID);
    expect(code).toBe(0);
    const done = completes.filter(({ outcome }) => outcome === 'ok');
    expect(done.length).toBeGreaterThan(0);
    for (const { polls, status: final, redemption } of done)
      expect([final, redemption !== undefined, (polls ?? 0) > 0]).toEqual([200, true, true]);
    // One end for each attempt, however often it was asked for.
    expect(new Set(completes.map(({ attempt }) => attempt)).size).toBe(completes.length);
  });

  test('a refusal that is told by a poll counts as the status that its word stands for', async () => {
    const shape = { answers: 'accepted', jobMs: 5 } as const;
    const { verdict, completes } = await run(shape, { status: BY_WORD }, 'near-zero');
    expect(told(verdict)).toBe(VALID);
    const refused = completes.filter(({ outcome }) => outcome === 'fail');
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, code } of refused) expect([status, code]).toEqual([402, 'too_few_points']);
  });

  test('a wrong edition is invalid by double-debit', async () => {
    const shape = { answers: 'accepted', jobMs: 5, isWrong: true } as const;
    const { code, verdict } = await run(shape, { status: BY_WORD }, 'duplicated-requests');
    expect(code).toBe(1);
    expect(verdict.violations.map(({ rule }) => rule)).toContain('double-debit');
  });

  test('one that never ends is stuck, and 202 alone is never taken for done', async () => {
    const shape = { answers: 'accepted', neverEnds: true } as const;
    const members = {
      status: { ...BY_WORD, withinMs: 100, mostPolls: 3 },
      limits: { settleMs: 300, timeoutMs: 500, lateMs: 0 },
    };
    const { code, verdict, completes } = await run(shape, members, 'double-click');
    expect(code).toBe(1);
    expect([...new Set(verdict.violations.map(({ rule }) => rule))]).toEqual(['stuck']);
    expect([...new Set(completes.map(({ outcome }) => outcome))]).toEqual(['info']);
  });
});

describe.concurrent('an endpoint that answers 201', () => {
  test.each([
    ['whose Location ends with the redemption', { answer: { from: 'location', code: '/code' } }],
    [
      'whose Location leads to the redemption',
      { answer: { from: 'resource', redemption: '/id', balance: '/left', code: '/code' } },
    ],
  ])('%s: valid', async (_, members) => {
    const { code, verdict, completes } = await run({ answers: 'created' }, members, 'duplicated-requests');
    expect(told(verdict)).toBe(VALID);
    expect(code).toBe(0);
    const done = completes.filter(({ outcome }) => outcome === 'ok');
    for (const { redemption } of done) expect(redemption).toMatch(/^r_/);
  });
});
