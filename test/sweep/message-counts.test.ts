/**
 * A whole sweep's messages beside what the store itself says it was told: on each connection the same ones, in the same order,
 * but for those that a stand kept from it.
 */

import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { now } from '../../harness/base/now.ts';
import { loadConfig } from '../../harness/config/load.ts';
import { openStage } from '../../harness/environment/open-stage.ts';
import type { Stage, StageOptions } from '../../harness/environment/stage.ts';
import { chooseStands } from '../../harness/plan/sweep.ts';
import type { DoorEvent } from '../../harness/proxy/stores/types.ts';
import { readBackOf } from '../../harness/runs/reading.ts';
import { missingKinds } from '../../harness/sweep/abilities.ts';
import { measure } from '../../harness/sweep/baseline.ts';
import { SweepClient } from '../../harness/sweep/client.ts';
import type { SweepContext } from '../../harness/sweep/context.ts';
import { doorSpots } from '../../harness/sweep/door-spots.ts';
import { performStand } from '../../harness/sweep/schedule.ts';
import { temporaryFolder } from '../support/cli.ts';
import { findPostgres, startPostgres, type Postgres } from '../support/postgres.ts';
import { NO_REDIS, startRedis, type RunningRedis } from '../support/redis.ts';

const out = temporaryFolder();
afterAll(() => out.remove());

/** `npm run prove` takes every stand. */
const isWhole = process.env['ONCEPROOF_SWEEPS'] === 'whole';
const QUICK = new Set(['same-key-elsewhere', 'cut-before', 'cut-after']);
const QUICK_ONE_IN = 3;

/** Sweeps, and gives back what went to the store by each connection, as `shown` tells a message. */
async function passedBy(
  options: Pick<StageOptions, 'store' | 'config'>,
  shown: (name: string) => string | undefined,
  /** From here on both sides count. */
  begin: () => Promise<void>,
): Promise<string[]> {
  const runId = `counts${Date.now().toString(36)}`;
  const parts = { proxy: 'embedded', hasStoreDoors: true, seed: 1, runId, dir: out.path };
  const stage = await openStage({ ...options, ...parts });
  const endpoint = readBackOf(stage);
  const lanes: DoorEvent[][] = stage.environment.storeDoors.map(({ door }) => {
    const events: DoorEvent[] = [];
    door.onEvent((event) => events.push(event));
    return events;
  });
  try {
    await begin();
    const context = contextOf(stage, endpoint, runId);
    const { ways, recoveries } = await measure(context);
    const { stands } = chooseStands({ depth: 1, ways, recoveries, missing: missingKinds(context) });
    const quick = stands.filter(({ kind }) => QUICK.has(kind));
    const taken = isWhole ? stands : quick.filter((_, index) => index % QUICK_ONE_IN === 0);
    for (const [turn, stand] of taken.entries()) {
      await performStand(context, stand, 1, turn);
      await stage.environment.waitReady(30_000);
    }
    expect(taken.length).toBeGreaterThan(3);
  } finally {
    await endpoint.close();
    await stage.close();
  }
  return lanes.flatMap((events) => perConnection(events, shown));
}

function contextOf(stage: Stage, endpoint: ReturnType<typeof readBackOf>, runId: string): SweepContext {
  const emit = (): void => {};
  return {
    stage,
    endpoint,
    emit,
    now,
    runId,
    spots: doorSpots(stage.environment.storeDoors),
    client: new SweepClient({ target: stage.target, contract: stage.contract, emit, now }),
    sleep: (ms) => sleep(ms),
    seed: '1',
    replicas: stage.directUrls,
    patience: { answerMs: 2000, shortMs: 200, otherMs: 250, leaseMs: 1800, restartMs: 30_000 },
  };
}

function perConnection(
  events: readonly DoorEvent[],
  shown: (name: string) => string | undefined,
): readonly string[] {
  const kept = new Set<number>();
  for (const event of events) {
    if (event.type === 'reached' && ['cut-before', 'hold-message'].includes(event.stand))
      kept.add(event.message.sequence);
    if (event.type === 'released') kept.delete(event.message.sequence);
  }
  const lanes = new Map<number, string[]>();
  for (const event of events) {
    if (event.type !== 'message' || kept.has(event.message.sequence)) continue;
    const told = shown(event.message.name);
    if (told !== undefined)
      lanes.set(event.message.connection, [...(lanes.get(event.message.connection) ?? []), told]);
  }
  return [...lanes.values()].map((lane) => lane.join(' '));
}

const whyNoRedis = NO_REDIS === undefined ? '' : ` (skipped: ${NO_REDIS})`;
describe.skipIf(NO_REDIS !== undefined)(`the bundled server on Redis${whyNoRedis}`, () => {
  let redis: RunningRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test('each connection told MONITOR what the door counted on it', async () => {
    const watcher = new Redis(redis.url);
    const monitor = await watcher.monitor();
    const lanes = new Map<string, string[]>();
    let marks = 0;
    monitor.on('monitor', (_at: string, [word = '', sha = '']: string[], source: string) => {
      if (word.toUpperCase() === 'ECHO') marks += 1;
      const told = scriptCall(`${word} ${sha.slice(0, 8)}`);
      if (source !== 'lua' && told !== undefined) lanes.set(source, [...(lanes.get(source) ?? []), told]);
    });
    const mark = async (): Promise<void> => {
      const before = marks;
      await watcher.echo('so far');
      await expect.poll(() => marks).toBeGreaterThan(before);
    };
    try {
      const passed = await passedBy({ store: redis.url }, scriptCall, async () => {
        await mark();
        lanes.clear();
      });
      await mark();
      const monitored = [...lanes.values()].map((lane) => lane.join(' '));
      expect(passed.length).toBeGreaterThan(2);
      expect(passed.toSorted()).toEqual(monitored.toSorted());
    } finally {
      monitor.disconnect();
      watcher.disconnect();
    }
  });

  /** The server works by scripts alone; what a client says to set itself up is not shown by MONITOR. */
  function scriptCall(name: string): string | undefined {
    return /^EVALSHA [0-9a-f]{8}/i.exec(name)?.[0].toUpperCase() ?? /^EVAL\b/i.exec(name)?.[0].toUpperCase();
  }
});

const isPostgresMissing = findPostgres() === undefined;
const whyNoPostgres = isPostgresMissing ? ' (skipped: PostgreSQL is not installed)' : '';
describe.skipIf(isPostgresMissing)(`the voucher service on PostgreSQL${whyNoPostgres}`, () => {
  let postgres: Postgres;
  let log = '';
  beforeAll(async () => {
    postgres = await startPostgres({
      settings: ['log_statement=all', 'log_line_prefix=@%r@%a@'],
      onLog: (text) => (log += text),
    });
    // The config's own hooks go straight to the database: their sessions have a name of their own.
    process.env['VOUCHERS_DATABASE'] = `${postgres.url}?application_name=hooks`;
  });
  afterAll(async () => {
    delete process.env['VOUCHERS_DATABASE'];
    await postgres.stop();
  });

  test('each connection was logged by log_statement=all as the door counted it', async () => {
    const env = {
      VOUCHERS_DATABASE: postgres.url,
      VOUCHERS_URL: 'http://127.0.0.1:1',
      VOUCHERS_TOKEN: 'a-token',
      VOUCHERS_EDITION: 'right',
    };
    const example = resolve(import.meta.dirname, '../../examples/own-endpoint');
    const config = await loadConfig(join(example, 'sweep.config.ts'), { env });
    const direct = new pg.Client({ connectionString: `${postgres.url}?application_name=hooks` });
    await direct.connect();
    const mark = async (text: string): Promise<void> => {
      await direct.query(`select '${text}'`);
      await expect.poll(() => log).toContain(text);
    };
    try {
      const passed = await passedBy({ store: 'auto', config }, firstWord, async () => {
        await mark('from here on');
        log = '';
      });
      await mark('up to here');
      expect(logged()).toEqual(passed.toSorted());
      expect(passed.length).toBeGreaterThan(2);
    } finally {
      await direct.end();
    }
  });

  function logged(): string[] {
    const lanes = new Map<string, string[]>();
    const line = /^@([^@]*)@([^@]*)@LOG: {2}(?:statement|execute [^:]*): \s*(\w+)/gm;
    for (const [, source = '', application, word = ''] of log.matchAll(line))
      if (application !== 'hooks') lanes.set(source, [...(lanes.get(source) ?? []), word.toLowerCase()]);
    return [...lanes.values()].map((lane) => lane.join(' ')).toSorted();
  }

  function firstWord(name: string): string | undefined {
    return name === 'startup' ? undefined : /^\w+/.exec(name)?.[0].toLowerCase();
  }
});
