import { beforeEach, describe, expect, test } from 'vitest';
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import { Nemesis, type NemesisTimers } from '../../harness/faults/nemesis.ts';
import type { TimedFault } from '../../harness/faults/timed-fault.ts';
import type { Replica } from '../../harness/environment/replicas.ts';
import type { ServerEvent, ServerListener } from '../../harness/environment/server-events.ts';
import { memoryStore, until } from '../../harness/environment/store.ts';
import type { Environment } from '../../harness/environment/types.ts';
import { ALL_CAPABILITIES, type FaultEvent } from '../../harness/history/events.ts';
import { endless, scheduleOf, shown } from './nemesis-support.ts';

/** Time that stands still until it is moved. */
class Clock implements NemesisTimers {
  nowMs = 0;
  readonly #waiting = new Set<{ readonly dueMs: number; readonly call: () => void }>();

  readonly after = (ms: number, call: () => void): (() => void) => {
    const entry = { dueMs: this.nowMs + ms, call };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  };

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Runs what is due, in order, and lets what it began get as far as it can. */
  async moveTo(ms: number): Promise<void> {
    for (;;) {
      const next = [...this.#waiting]
        .filter(({ dueMs }) => dueMs <= ms)
        .toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.nowMs = next.dueMs;
      next.call();
      await settled();
    }
    this.nowMs = ms;
  }
}

function settled(): Promise<void> {
  return new Promise((done) => setImmediate(() => setImmediate(done)));
}

/** Two replicas that remember what was done to them, with real proxies before them. */
class Stage {
  readonly done: string[] = [];
  readonly listeners = new Set<ServerListener>();
  readonly proxy = new ChaosProxy({ seed: 1 });
  readonly down = new Set<number>();
  restartFails = false;

  async environment(): Promise<Environment> {
    for (const name of ['replica-1', 'replica-2']) await this.proxy.create({ name, upstream: '127.0.0.1:9' });
    await this.proxy.create({ name: 'hop', mode: 'http', upstream: '127.0.0.1:9' });
    return {
      baseUrl: '',
      directUrls: [],
      hooksUrls: [],
      hooksToken: '',
      token: '',
      capabilities: ALL_CAPABILITIES,
      keeper: { addChild() {}, dropChild() {}, addFolder() {} },
      replicas: [this.#replica(1), this.#replica(2)],
      proxies: [{ edge: 'replica-1' }, { edge: 'replica-2' }],
      store: {
        ...memoryStore(),
        pid: () => 1,
        pause: () => this.done.push('pause store'),
        resume: () => this.done.push('resume store'),
      },
      storeDoors: [],
      hop: 'hop',
      hopProxy: this.proxy,
      driver: this.proxy,
      subscribe: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      waitReady: async () => true,
      disarm: async () => void this.done.push('disarm'),
      describe: () => ({ server: '', store: '', proxy: '' }),
      close: () => this.proxy.close(),
    };
  }

  tell(event: ServerEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  #replica(index: number): Replica {
    return {
      index,
      url: '',
      hooksUrl: '',
      pid: () => index,
      isUp: () => !this.down.has(index),
      kill: async () => {
        this.down.add(index);
        this.done.push(`kill ${index}`);
      },
      stop: async () => {
        this.down.add(index);
        this.done.push(`stop ${index}`);
      },
      pause: () => this.done.push(`pause ${index}`),
      resume: () => this.done.push(`resume ${index}`),
      restart: async () => {
        if (this.restartFails) throw new Error(`replica ${index} does not start`);
        this.down.delete(index);
        this.done.push(`restart ${index}`);
      },
      close: async () => {},
    };
  }
}

let clock: Clock;
let stage: Stage;
let events: FaultEvent[];
beforeEach(() => {
  clock = new Clock();
  stage = new Stage();
  events = [];
});

async function start(timed: readonly TimedFault[]): Promise<{ nemesis: Nemesis; environment: Environment }> {
  const environment = await stage.environment();
  const nemesis = new Nemesis({
    environment,
    schedule: scheduleOf(timed),
    emit: (event) => event.type === 'fault' && events.push(event),
    now: () => clock.nowMs,
    timers: clock,
  });
  nemesis.start();
  return { nemesis, environment };
}

describe('timed faults', () => {
  test('begin and end at their times, each told with one id', async () => {
    const { nemesis, environment } = await start([
      endless({
        id: 'slow#1',
        action: 'latency',
        where: 'edge',
        replica: 1,
        startMs: 100,
        durationMs: 50,
        detail: { latency: 5 },
      }),
      endless({ id: 'dead#1', action: 'kill', where: 'replica', replica: 2, startMs: 120, durationMs: 200 }),
    ]);
    await clock.moveTo(99);
    expect(events).toEqual([]);
    await clock.moveTo(1000);
    expect(events.map(({ at, phase, id }) => `${at} ${phase} ${id}`)).toEqual([
      '100 start slow#1',
      '120 start dead#1',
      '150 end slow#1',
      '320 end dead#1',
    ]);
    expect(stage.done).toEqual(['kill 2', 'resume 2', 'restart 2']);
    await nemesis.heal();
    await environment.close();
  });

  test('count from the first request, where that comes later', async () => {
    const environment = await stage.environment();
    const nemesis = new Nemesis({
      environment,
      schedule: scheduleOf([endless({ action: 'pause', where: 'replica', replica: 1, startMs: 100 })]),
      emit: (event) => void (event.type === 'fault' && events.push(event)),
      now: () => clock.nowMs,
      timers: clock,
    });
    nemesis.place();
    await clock.moveTo(3000);
    expect(stage.done).toEqual([]);
    nemesis.begin();
    nemesis.begin();
    await clock.moveTo(3099);
    expect(stage.done).toEqual([]);
    await clock.moveTo(3100);
    expect(stage.done).toEqual(['pause 1']);
    await nemesis.heal();
    await environment.close();
  });

  test('none begins after stop, and those that have begun go on until heal', async () => {
    const { nemesis, environment } = await start([
      endless({ id: 'a', action: 'pause', where: 'replica', replica: 1 }),
      endless({ id: 'b', action: 'pause', where: 'replica', replica: 2, startMs: 500 }),
    ]);
    await clock.moveTo(10);
    nemesis.stop();
    expect(clock.waitingCount).toBe(0);
    await clock.moveTo(5000);
    expect(stage.done).toEqual(['pause 1']);
    await nemesis.heal();
    expect(events.map(({ phase, id }) => `${phase} ${id}`)).toEqual(['start a', 'end a']);
    await environment.close();
  });

  test('a replica is not killed while the other one is down', async () => {
    const { nemesis, environment } = await start([
      endless({ action: 'kill', where: 'replica', replica: 1, startMs: 10, durationMs: 100 }),
    ]);
    stage.down.add(2);
    await clock.moveTo(10);
    expect(stage.done).toEqual([]);
    stage.down.delete(2);
    expect(await until(async () => stage.done.length > 0, 5000)).toBe(true);
    expect(stage.done).toEqual(['kill 1']);
    await nemesis.heal();
    await environment.close();
  });

  describe('while an outage takes longer than planned', () => {
    const pauses = (overlap?: boolean): readonly TimedFault[] =>
      [1, 2].map((replica) =>
        endless({
          id: `p#${replica}`,
          action: 'pause',
          where: 'replica',
          replica,
          startMs: replica * 100,
          durationMs: 1000,
          ...(overlap !== undefined && { overlap }),
        }),
      );

    test('the next one waits for its end', async () => {
      const { nemesis, environment } = await start(pauses());
      await clock.moveTo(1099);
      expect(stage.done).toEqual(['pause 1']);
      await clock.moveTo(1100);
      expect(stage.done).toEqual(['pause 1', 'resume 1', 'pause 2']);
      await nemesis.heal();
      expect(nemesis.problems).toEqual([]);
      await environment.close();
    });

    test('one that may overlap does not', async () => {
      const { nemesis, environment } = await start(pauses(true));
      await clock.moveTo(200);
      expect(stage.done).toEqual(['pause 1', 'pause 2']);
      await nemesis.heal();
      await environment.close();
    });

    test('of several that wait for one end, only one begins', async () => {
      const { nemesis, environment } = await start([
        ...pauses(),
        endless({ id: 's#1', action: 'pause', where: 'store', startMs: 200, durationMs: 1000 }),
      ]);
      await clock.moveTo(1100);
      expect(stage.done).toEqual(['pause 1', 'resume 1', 'pause 2']);
      await clock.moveTo(2100);
      expect(stage.done.slice(3)).toEqual(['resume 2', 'pause store']);
      await nemesis.heal();
      expect(nemesis.problems).toEqual([]);
      await environment.close();
    });

    test('heal does not wait for its turn', async () => {
      const { nemesis, environment } = await start(pauses());
      await clock.moveTo(200);
      await nemesis.heal();
      expect(events.map(({ phase, id }) => `${phase} ${id}`)).toEqual(['start p#1', 'end p#1']);
      expect(clock.waitingCount).toBe(0);
      await environment.close();
    });

    test('one that never gets its turn is a problem that is named', async () => {
      const [first, second] = pauses();
      const { nemesis, environment } = await start(
        [first, second].flatMap((fault) => (fault ? [{ ...fault, durationMs: 60_000 }] : [])),
      );
      await clock.moveTo(5199);
      expect(nemesis.problems).toEqual([]);
      await clock.moveTo(5200);
      expect(nemesis.problems).toEqual(['p#2: found no moment at which it may begin']);
      await nemesis.heal();
      await environment.close();
    });
  });

  test('a fault that cannot be carried out is a problem that is named, and ends as well', async () => {
    const { nemesis, environment } = await start([
      endless({ id: 'odd#1', action: 'latency', where: 'edge', replica: 1, detail: { latency: -1 } }),
    ]);
    await clock.moveTo(1);
    await nemesis.heal().catch(() => {});
    expect(nemesis.problems).toEqual([expect.stringMatching(/^odd#1: .*must not be negative/)]);
    expect(events.map(({ phase }) => phase)).toEqual(['start', 'end']);
    expect(events.map(({ error }) => error)).toEqual([
      undefined,
      expect.stringContaining('must not be negative'),
    ]);
    await environment.close();
  });
});

describe('heal', () => {
  test('tries everything before it throws one error that names what is not healed', async () => {
    const { nemesis, environment } = await start([
      endless({ id: 'dead#1', action: 'kill', where: 'replica', replica: 1, overlap: true }),
      endless({ id: 'shut#1', action: 'down', where: 'edge', replica: 2, overlap: true }),
      endless({ id: 'still#1', action: 'pause', where: 'store', overlap: true }),
    ]);
    await clock.moveTo(1);
    stage.restartFails = true;
    const healing = nemesis.heal();
    await expect(healing).rejects.toThrow(
      /^not everything was healed: dead#1: replica 1 does not start; processes: replica 1 does not start$/,
    );
    expect(await nemesis.heal().catch((error: unknown) => error)).toBe(
      await healing.catch((error: unknown) => error),
    );
    expect(stage.done).toEqual(expect.arrayContaining(['disarm', 'resume store']));
    expect((await environment.driver.list()).every(({ enabled }) => enabled)).toBe(true);
    expect(shown(events).filter((line) => line.startsWith('end'))).toHaveLength(3);
    await environment.close();
  });

  test('takes away toxics on our proxies that it did not add', async () => {
    const { nemesis, environment } = await start([]);
    await environment.driver.addToxic('replica-1', {
      name: 'left',
      type: 'latency',
      attributes: { latency: 5 },
    });
    await environment.driver.setEnabled('replica-2', false);
    await nemesis.heal();
    expect((await environment.driver.list()).map(({ enabled, toxics }) => [enabled, toxics.length])).toEqual([
      [true, 0],
      [true, 0],
      [true, 0],
    ]);
    await environment.close();
  });

  test('hears the server no more afterwards', async () => {
    const { nemesis, environment } = await start([]);
    await nemesis.heal();
    expect(stage.listeners.size).toBe(0);
    await environment.close();
  });
});

describe('what the server tells', () => {
  const crash: ServerEvent = {
    event: 'crash',
    replica: 2,
    at: 5,
    point: 'after-debit',
    customer: 'ann',
    key: 'k',
  };

  test('a crash is a fault from its event until the replica is back', async () => {
    const { nemesis, environment } = await start([]);
    stage.tell(crash);
    stage.tell({ event: 'recovered', replica: 2, at: 160 });
    expect(events).toEqual([
      {
        type: 'fault',
        at: 5,
        phase: 'start',
        id: 'crash#1',
        name: 'crash:after-debit',
        kind: 'server',
        target: 'replica-2',
        detail: { point: 'after-debit', customer: 'ann', key: 'k' },
      },
      expect.objectContaining({ at: 160, phase: 'end', id: 'crash#1' }),
    ]);
    await nemesis.heal();
    await environment.close();
  });

  test('the end of the process that has announced its crash is the same fault', async () => {
    const { nemesis, environment } = await start([]);
    stage.tell(crash);
    stage.tell({ event: 'exit', replica: 2, at: 6, code: null, signal: 'SIGKILL', log: '' });
    stage.tell({ event: 'recovered', replica: 2, at: 160 });
    stage.tell({ event: 'recovered', replica: 2, at: 161 });
    expect(events.map(({ phase, id }) => `${phase} ${id}`)).toEqual(['start crash#1', 'end crash#1']);
    await nemesis.heal();
    await environment.close();
  });

  test('heal waits until a replica that crashed is back', async () => {
    const { nemesis, environment } = await start([]);
    stage.tell(crash);
    let isHealed = false;
    const healing = nemesis.heal().then(() => (isHealed = true));
    await settled();
    expect(isHealed).toBe(false);
    stage.tell({ event: 'recovered', replica: 2, at: 160 });
    await healing;
    expect(events.map(({ phase }) => phase)).toEqual(['start', 'end']);
    await environment.close();
  });
});
