import type { ChildProcess } from 'node:child_process';
import type { StoreKind } from '../harness/proxy/stores/types.ts';
import { ask, startChild } from './child.ts';
import type { DoorAnswer, DoorTask } from './doors-child.ts';
import { median, type Figure } from './figure.ts';

const KINDS: readonly StoreKind[] = ['redis', 'postgres', 'mysql', 'bytes'];
const CONNECTIONS = 64;
/** Many short turns: what else the machine does comes and goes in bursts. */
const ROUNDS = 15;
const ROUND_MS = 200;
const LATENCY_ROUNDS = 20;
const LATENCY_ROUND_MS = 100;
const SUBJECTS = ['direct', 'relay', 'door'] as const;

type Ports = Readonly<Record<(typeof SUBJECTS)[number], number>>;
type Samples = Record<(typeof SUBJECTS)[number], number[]>;

/**
 * Requests per second over 64 connections, and the latency that is added with one, through a door at which nobody stands,
 * against a plain relay in Node. The store is one that answers at once: what is measured is what stands between.
 */
export async function benchDoors(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of KINDS) figures.push(...(await benchKind(kind)));
  return figures;
}

async function benchKind(kind: StoreKind): Promise<Figure[]> {
  const children: ChildProcess[] = [];
  const start = async (task: DoorTask): Promise<number> => {
    const child = startChild('bench/doors-child');
    children.push(child);
    const answer = await ask<DoorAnswer>(child, task);
    return 'port' in answer ? answer.port : 0;
  };
  try {
    const direct = await start({ role: 'store', kind });
    const relay = await start({ role: 'relay', kind, upstream: direct });
    const door = await start({ role: 'door', kind, upstream: direct });
    const load = startChild('bench/doors-child');
    children.push(load);
    const ports = { direct, relay, door };
    const rates = await sample(load, kind, ports, ROUNDS, CONNECTIONS, ROUND_MS);
    const latencies = await sample(load, kind, ports, LATENCY_ROUNDS, 1, LATENCY_ROUND_MS);
    return [rateFigure(kind, rates), latencyFigure(kind, latencies)];
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

/** Requests a second with many connections, median microseconds of a request with one; subjects take turns. */
async function sample(
  load: ChildProcess,
  kind: StoreKind,
  ports: Ports,
  rounds: number,
  connections: number,
  ms: number,
): Promise<Samples> {
  const samples: Samples = { direct: [], relay: [], door: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const subject of SUBJECTS) {
      const task: DoorTask = { role: 'load', kind, port: ports[subject], connections, ms };
      const answer = await ask<DoorAnswer>(load, task);
      // The first round warms up.
      if (round === 0 || 'port' in answer) continue;
      samples[subject].push(connections === 1 ? answer.medianUs : (answer.requests / answer.ms) * 1000);
    }
  }
  return samples;
}

function rateFigure(kind: StoreKind, { direct, relay, door }: Samples): Figure {
  const value = median(door.map((rate, round) => rate / (relay[round] ?? Number.POSITIVE_INFINITY)));
  const shown = Object.entries({ direct, relay, door }).map(
    ([name, all]) => `${name} ${Math.round(median(all))}/s`,
  );
  return {
    name: `door of kind ${kind} against a plain Node relay`,
    value,
    required: '>= 0.7',
    ok: value >= 0.7,
    detail: shown.join(', '),
  };
}

function latencyFigure(kind: StoreKind, { direct, relay, door }: Samples): Figure {
  const added = (samples: readonly number[]): number => median(samples) - median(direct);
  const value = added(door) / added(relay);
  return {
    name: `added median latency with 1 connection, door of kind ${kind} against a plain Node relay`,
    value,
    required: '<= 1.5',
    ok: value <= 1.5 && added(relay) > 0,
    detail: `added: relay ${Math.round(added(relay))} us, door ${Math.round(added(door))} us; direct ${Math.round(median(direct))} us`,
  };
}
