import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { findToxiproxy, startToxiproxy } from '../harness/proxy/toxiproxy-process.ts';
import { ToxiproxyDriver } from '../harness/proxy/toxiproxy.ts';
import { ask as askAny, startChild as startProgram } from './child.ts';
import { median, type Figure } from './figure.ts';
import type { ChildAnswer, ChildTask } from './proxy-child.ts';

const CONNECTIONS = 64;
const ROUNDS = 5;
const ROUND_MS = 1200;
/** Many short turns: what else the machine does comes and goes in bursts. */
const LATENCY_ROUNDS = 20;
const LATENCY_ROUND_MS = 200;
const HOST = '127.0.0.1';

/** What is measured: where it listens, and what CPU its process has used, ms; absent where that cannot be read. */
interface Subject {
  readonly port: number;
  readonly cpuMs: () => Promise<number | undefined>;
  readonly stop: () => Promise<unknown>;
}

interface Sample {
  readonly perSecond: number;
  /** CPU of the subject's process for one request, microseconds. */
  readonly cpuUs: number | undefined;
}

type Samples = Readonly<Record<string, readonly Sample[]>>;

/**
 * HTTP requests per second over 64 connections, and the latency that is added with one, through the embedded proxy,
 * against a plain relay in Node and, where one is found, a real Toxiproxy. Server, proxies and load are processes of
 * their own; the subjects take turns, so that whatever else the machine does meets all of them.
 */
export async function benchProxy(toxiproxy = findToxiproxy()): Promise<Figure[]> {
  const subjects: Record<string, Subject> = {};
  const load = startChild();
  try {
    subjects['direct'] = await startSubject({ role: 'server' });
    const upstream = subjects['direct'].port;
    for (const role of ['relay', 'embedded', 'hop'] as const)
      subjects[role] = await startSubject({ role, upstream });
    if (toxiproxy !== undefined) subjects['toxiproxy'] = await startReal(toxiproxy, upstream);
    return [
      ...figures(await measure(load, subjects)),
      ...latencyFigures(await measureLatency(load, subjects)),
    ];
  } finally {
    load.kill('SIGKILL');
    await Promise.all(Object.values(subjects).map(({ stop }) => stop()));
  }
}

async function measure(load: ChildProcess, subjects: Readonly<Record<string, Subject>>): Promise<Samples> {
  const samples: Record<string, Sample[]> = {};
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, { port, cpuMs }] of Object.entries(subjects)) {
      const before = await cpuMs();
      const answer = await ask(load, { role: 'load', port, connections: CONNECTIONS, ms: ROUND_MS });
      const after = await cpuMs();
      // The first round warms up.
      if (round === 0 || !('requests' in answer)) continue;
      const cpuUs =
        before === undefined || after === undefined ? undefined : ((after - before) / answer.requests) * 1000;
      (samples[name] ??= []).push({ perSecond: (answer.requests / answer.ms) * 1000, cpuUs });
    }
  }
  return samples;
}

/** Median time of a request in each round, microseconds, by subject. */
type Latencies = Readonly<Record<string, readonly number[]>>;

async function measureLatency(
  load: ChildProcess,
  subjects: Readonly<Record<string, Subject>>,
): Promise<Latencies> {
  const latencies: Record<string, number[]> = {};
  for (let round = 0; round <= LATENCY_ROUNDS; round++) {
    for (const [name, { port }] of Object.entries(subjects)) {
      const answer = await ask(load, { role: 'load', port, connections: 1, ms: LATENCY_ROUND_MS });
      // The first round warms up.
      if (round === 0 || !('requests' in answer)) continue;
      (latencies[name] ??= []).push(answer.medianUs);
    }
  }
  return latencies;
}

/** Added latency: the median through a subject less the direct one. */
function latencyFigures(latencies: Latencies): Figure[] {
  if (latencies['toxiproxy'] === undefined) return [];
  const direct = median(latencies['direct'] ?? []);
  const added = (name: string): number => median(latencies[name] ?? []) - direct;
  const value = added('embedded') / added('toxiproxy');
  const detail = Object.keys(latencies)
    .filter((name) => name !== 'direct')
    .map((name) => `${name} ${Math.round(added(name))} us`)
    .join(', ');
  return [
    {
      name: 'added median latency with 1 connection, proxy against a real Toxiproxy',
      value,
      required: '<= 0.7',
      // A proxy that stays awake can add less than nothing: who waits for an idle machine is woken late. Toxiproxy cannot.
      ok: value <= 0.7 && added('toxiproxy') > 0,
      detail: `added: ${detail}; direct ${Math.round(direct)} us`,
    },
  ];
}

function figures(samples: Samples): Figure[] {
  const detail = Object.entries(samples)
    .map(([name, values]) => `${name} ${rateOf(values)}`)
    .join(', ');
  const ratio = (subject: string, other: string): number =>
    median(
      (samples[subject] ?? []).map(
        ({ perSecond }, round) => perSecond / (samples[other]?.[round]?.perSecond ?? 0),
      ),
    );
  const against = (name: string, value: number, minimum: number): Figure => ({
    name,
    value,
    required: `>= ${minimum}`,
    ok: value >= minimum,
    detail,
  });
  const found = [
    against('proxy against a plain Node relay', ratio('embedded', 'relay'), 0.8),
    // Reading every request costs; it must not become the bottleneck of a run unnoticed.
    against('HTTP hop against a plain Node relay', ratio('hop', 'relay'), 0.25),
  ];
  if (samples['toxiproxy'] !== undefined) {
    found.push(
      against('proxy against a real Toxiproxy', ratio('embedded', 'toxiproxy'), 1),
      against('HTTP hop against a real Toxiproxy', ratio('hop', 'toxiproxy'), 0.6),
    );
  }
  return found;
}

function rateOf(values: readonly Sample[]): string {
  const cpu = values.flatMap(({ cpuUs }) => (cpuUs === undefined ? [] : [cpuUs]));
  const rate = `${Math.round(median(values.map(({ perSecond }) => perSecond)))}/s`;
  return cpu.length === 0 ? rate : `${rate} at ${Math.round(median(cpu))} us CPU each`;
}

async function startSubject(task: ChildTask): Promise<Subject> {
  const child = startChild();
  const answer = await ask(child, task);
  return {
    port: 'port' in answer ? answer.port : 0,
    cpuMs: async () => {
      const used = await ask(child, { role: 'cpu' });
      return 'cpuMs' in used ? used.cpuMs : undefined;
    },
    stop: async () => child.kill('SIGKILL'),
  };
}

async function startReal(program: string, upstream: number): Promise<Subject> {
  const running = await startToxiproxy(program);
  const driver = new ToxiproxyDriver({ url: running.url, prefix: 'bench-' });
  const { listen } = await driver.create({ name: 'bench', upstream: `${HOST}:${upstream}` });
  return {
    port: Number(listen.split(':').at(-1)),
    cpuMs: () => cpuOf(running.pid),
    stop: () => running.stop(),
  };
}

/** Linux counts in ticks of 10 ms; elsewhere it is not read. */
async function cpuOf(pid: number): Promise<number | undefined> {
  try {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

function startChild(): ChildProcess {
  return startProgram('bench/proxy-child');
}

function ask(child: ChildProcess, task: ChildTask): Promise<ChildAnswer> {
  return askAny<ChildAnswer>(child, task);
}
