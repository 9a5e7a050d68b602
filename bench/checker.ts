/** The checker's speed against `JSON.parse` over the same lines, and its memory over many finished customers. */

import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checker } from '../harness/checker/checker.ts';
import { readHistory } from '../harness/history/reader.ts';
import { HistoryWriter } from '../harness/history/writer.ts';
import { benchEvents } from './history.ts';

export interface CheckerFigure {
  readonly name: string;
  readonly value: number;
  readonly required: string;
  readonly ok: boolean;
  readonly detail: string;
}

const CUSTOMERS = 20_000;
const ROUNDS = 3;

/** Two figures: events/s of the checker (reading, validating, judging) over those of JSON.parse; growth of the heap. */
export async function benchChecker(): Promise<CheckerFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'onceproof-bench-'));
  try {
    const path = join(folder, 'history.ndjson');
    const events = writeHistory(path);
    const speed = await bestOf(ROUNDS, path, events);
    return [speed, await memory(path, events)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bestOf(rounds: number, path: string, events: number): Promise<CheckerFigure> {
  let parseMs = Infinity;
  let checkMs = Infinity;
  let verdict = '';
  for (let round = 0; round < rounds; round++) {
    parseMs = Math.min(parseMs, parseAll(path));
    const startedAt = cpuMs();
    const checker = new Checker();
    for await (const batch of readHistory(path).batches()) for (const event of batch) checker.push(event);
    verdict = checker.finish().verdict;
    checkMs = Math.min(checkMs, cpuMs() - startedAt);
  }
  const value = parseMs / checkMs;
  const rate = (ms: number) => `${Math.round(events / ms)} k events/s`;
  return {
    name: 'checker / JSON.parse',
    value,
    required: '>= 0.3',
    ok: value >= 0.3 && verdict === 'valid',
    detail: `${events} events (${verdict}): checker ${rate(checkMs)}, JSON.parse ${rate(parseMs)}`,
  };
}

function parseAll(path: string): number {
  const lines = readFileSync(path, 'utf8').split('\n');
  const startedAt = cpuMs();
  for (const line of lines) if (line !== '') JSON.parse(line);
  return cpuMs() - startedAt;
}

/** CPU time of this process, ms: other programs on the machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Heap after a quarter of the events, and at the end: what finished must have left memory. */
async function memory(path: string, events: number): Promise<CheckerFigure> {
  const checker = new Checker();
  let count = 0;
  let quarterMb = 0;
  for await (const batch of readHistory(path).batches()) {
    for (const event of batch) {
      checker.push(event);
      if (++count === Math.floor(events / 4)) quarterMb = heapMb();
    }
  }
  const { openCustomers } = checker.progress();
  const endMb = heapMb();
  checker.finish();
  const value = endMb / quarterMb;
  return {
    name: "checker's heap, end / quarter",
    value,
    required: '<= 1.3',
    ok: value <= 1.3,
    detail: `${quarterMb.toFixed(1)} MB after a quarter, ${endMb.toFixed(1)} MB at the end, ${openCustomers} customers open${typeof globalThis.gc === 'function' ? '' : ' (without --expose-gc: rough)'}`,
  };
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

function writeHistory(path: string): number {
  const writer = new HistoryWriter(path);
  let count = 0;
  for (const event of benchEvents(CUSTOMERS)) {
    writer.write(event);
    count += 1;
  }
  writer.close();
  return count;
}
