/** Judging on several cores, with real threads, and what is left to one. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkHistory } from '../../harness/checker/check-history.ts';
import { judgeByParts } from '../../harness/checker/cores/judge.ts';
import { crewOfThreads } from '../../harness/checker/cores/threads.ts';
import { Unusual } from '../../harness/checker/cores/unusual.ts';
import { bytesOf } from '../../harness/history/bytes.ts';
import type { Verdict } from '../../harness/model/verdict.ts';
import { drawHistory } from '../support/history-builder.ts';
import { localCrew } from '../support/local-parts.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onceproof-cores-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Thirty customers, of which each seventh is debited twice, and each fifth sends a key of the one before. */
function lines(): string[] {
  const history = drawHistory({ contract: { keyScope: 'global' } });
  let before = '';
  for (let number = 0; number < 30; number++) {
    const customer = history.customer(`cust-${number}`, { points: 1000 });
    const intent = customer.intent(`i-${number}`, { points: 100 });
    intent.lost();
    intent.ok(`rdm-${number}`, { replayed: true });
    if (number % 5 === 4) intent.send({ key: before }).refused(409, 'idempotency_key_conflict');
    before = `key-i-${number}`;
    const twice = number % 7 === 0 ? [intent.debit(`rdm-${number}-again`)] : [];
    customer.audit({
      balance: 900 - 100 * twice.length,
      redemptions: [intent.row(`rdm-${number}`)],
      ledger: [intent.debit(`rdm-${number}`), ...twice],
    });
  }
  return history.events().map((event) => JSON.stringify(event));
}

async function fileOf(text: string | Buffer, name = 'history.ndjson'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function byThreads(path: string, parts: number): Promise<Verdict> {
  const crew = await crewOfThreads(parts, 1);
  try {
    return await judgeByParts([bytesOf(path)], crew);
  } finally {
    await crew.close();
  }
}

describe('a history on several cores', () => {
  test('is judged in threads as by one, plain and gzipped', async () => {
    const text = `${lines().join('\n')}\n`;
    const one = await checkHistory([await fileOf(text)], { workers: 1 });
    expect(one).toMatchObject({ verdict: 'invalid', counts: { intents: 30, customers: 30 } });
    expect(one.coverage.find(({ name }) => name === 'other-customer')?.count).toBe(6);
    expect(JSON.stringify(await byThreads(await fileOf(text), 2))).toBe(JSON.stringify(one));
    const gzipped = await fileOf(gzipSync(text), 'history.ndjson.gz');
    expect(JSON.stringify(await byThreads(gzipped, 3))).toBe(JSON.stringify(one));
    expect(await checkHistory([gzipped], { workers: 2 })).toEqual(one);
  });

  test('complains of a bad line as one does: by file and line', async () => {
    const bad = lines().with(9, '{"type":"complete","at":1800000000020}');
    const path = await fileOf(bad.join('\n'));
    await expect(byThreads(path, 2)).rejects.toThrow(/bad complete event/);
    await expect(checkHistory([path], { workers: 2 })).rejects.toThrow(
      /history\.ndjson:10: bad complete event/,
    );
    await expect(checkHistory([join(folder, 'none')], { workers: 2 })).rejects.toThrow(/cannot be read/);
    const headless = await fileOf(lines().slice(1).join('\n'));
    await expect(checkHistory([headless], { workers: 2 })).rejects.toThrow(/does not start with a run event/);
    await expect(checkHistory([], { workers: 2 })).rejects.toThrow(/no history was named/);
  });

  // What JSON reads is the last of two members of one name; what a glance sees is the first.
  test.each([
    ['customer', 'invoke'],
    ['attempt', 'invoke'],
    ['key', 'invoke'],
    ['at', 'invoke'],
    ['type', 'invoke'],
    ['customer', 'observe'],
    ['at', 'complete'],
    ['attempt', 'complete'],
    ['what', 'observe'],
  ])('does not fall for a line with a second %s: %s', async (member, type) => {
    const all = lines();
    const at = all.findIndex((line) => line.startsWith(`{"type":"${type}"`));
    const second = { at: '1800000000999.5', type: '"retire"', what: '"rewards"' }[member] ?? '"another"';
    const forged = all.with(at, (all[at] ?? '').replace(/\}$/, `,"${member}":${second}}`));
    const path = await fileOf(`${forged.join('\n')}\n`);
    const [one, many] = await Promise.all([
      checkHistory([path]).catch(String),
      judgeByParts([bytesOf(path)], localCrew(2, 1)).catch((error: unknown) => error),
    ]);
    if (!(many instanceof Error)) expect(JSON.stringify(many)).toBe(JSON.stringify(one));
    else expect(many).toBeInstanceOf(Unusual);
  });

  test('leaves a line that is longer than what the threads share to one', async () => {
    const path = await fileOf(lines().join('\n'));
    await expect(judgeByParts([bytesOf(path)], localCrew(2, 1, { shelfBytes: 400 }))).rejects.toThrow(
      Unusual,
    );
  });

  test('leaves what a thread cannot do to one', async () => {
    // What only a thread reads whole: a redemption in an answer that is no text.
    const all = lines();
    const at = all.findIndex((line) => line.includes('"outcome":"ok"'));
    const path = await fileOf(
      all.with(at, (all[at] ?? '').replace(/"redemption":"[^"]*"/, '"redemption":7')).join('\n'),
    );
    await expect(byThreads(path, 2)).rejects.toThrow(Unusual);
    await expect(checkHistory([path], { workers: 2 })).rejects.toThrow(
      new RegExp(`history\\.ndjson:${at + 1}: bad complete event at /redemption`),
    );
  });

  test('with a torn last line tells so', async () => {
    const path = await fileOf(lines().join('\n').slice(0, -5));
    const one = await checkHistory([path]);
    expect(one.reasons.join()).toContain('was cut off');
    expect(JSON.stringify(await judgeByParts([bytesOf(path)], localCrew(2, 1)))).toBe(JSON.stringify(one));
  });
});
