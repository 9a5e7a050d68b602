import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  findToxiproxy,
  startToxiproxy,
  ToxiproxyDriver,
  type RunningToxiproxy,
} from '../harness/chaos/toxiproxy.ts';
import { programArguments } from '../harness/program.ts';
import type { Figure } from './figure.ts';
import type { ChildAnswer, ChildTask } from './proxy-child.ts';

const CONNECTIONS = 64;
const ROUNDS = 5;
const ROUND_MS = 1200;
const HOST = '127.0.0.1';

/**
 * Requests per second through the embedded proxy against a plain relay in Node, and against a real Toxiproxy where
 * `toxiproxy` (or what is installed) names one. Server, proxies and load are processes of their own; the subjects take
 * turns, so that what else the machine does meets all of them.
 */
export async function benchProxy(toxiproxy = findToxiproxy()): Promise<Figure[]> {
  const children: ChildProcess[] = [];
  const start = async (task: ChildTask): Promise<number> => {
    const child = startChild();
    children.push(child);
    const answer = await ask(child, task);
    return 'port' in answer ? answer.port : 0;
  };
  let real: RunningToxiproxy | undefined;
  try {
    const upstream = await start({ role: 'server' });
    const ports: Record<string, number> = { direct: upstream };
    for (const role of ['relay', 'embedded', 'hop'] as const) ports[role] = await start({ role, upstream });
    if (toxiproxy !== undefined) {
      real = await startToxiproxy(toxiproxy);
      const driver = new ToxiproxyDriver({ url: real.url, prefix: 'bench' });
      const { listen } = await driver.create({ name: 'bench', upstream: `${HOST}:${upstream}` });
      ports['toxiproxy'] = Number(listen.split(':').at(-1));
    }
    const load = startChild();
    children.push(load);
    return figures(await measure(load, ports));
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await real?.stop();
  }
}

type Rates = Readonly<Record<string, readonly number[]>>;

async function measure(load: ChildProcess, ports: Readonly<Record<string, number>>): Promise<Rates> {
  const rates: Record<string, number[]> = {};
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, port] of Object.entries(ports)) {
      const answer = await ask(load, { role: 'load', port, connections: CONNECTIONS, ms: ROUND_MS });
      // The first round warms up.
      if (round > 0 && 'requests' in answer) (rates[name] ??= []).push((answer.requests / answer.ms) * 1000);
    }
  }
  return rates;
}

function figures(rates: Rates): Figure[] {
  const detail = Object.entries(rates)
    .map(([name, values]) => `${name} ${Math.round(median(values))}/s`)
    .join(', ');
  const against = (name: string, subject: string, other: string, minimum: number): Figure => {
    const value = medianRatio(rates[subject] ?? [], rates[other] ?? []);
    return { name, value, required: `>= ${minimum}`, ok: value >= minimum, detail };
  };
  const found = [
    against('proxy / plain Node relay', 'embedded', 'relay', 0.8),
    // No requirement of the issue, but it must not become a bottleneck unnoticed.
    against('HTTP hop / plain Node relay', 'hop', 'relay', 0.3),
  ];
  if (rates['toxiproxy'] !== undefined)
    found.push(against('proxy / real Toxiproxy', 'embedded', 'toxiproxy', 1));
  return found;
}

/** Ratios within a round first: a busy moment then hits both sides. */
function medianRatio(subject: readonly number[], other: readonly number[]): number {
  return median(subject.map((rate, round) => rate / (other[round] ?? Number.POSITIVE_INFINITY)));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function startChild(): ChildProcess {
  const { command, args } = programArguments('bench/proxy-child');
  return spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

async function ask(child: ChildProcess, task: ChildTask): Promise<ChildAnswer> {
  const stop = new AbortController();
  const { signal } = stop;
  const answered = once(child, 'message', { signal }).then(([answer]) => answer as ChildAnswer);
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a process of the benchmark ended with code ${String(code)}`);
  });
  child.send(task);
  try {
    return await Promise.race([answered, ended]);
  } finally {
    stop.abort();
    await Promise.allSettled([answered, ended]);
  }
}
