/**
 * `npm run bench -- check-cores`: a large history judged by two threads against one, in pairs, since the second core may be
 * busy with something else. `npm run bench -- ten-million-attempts`: so many of them within so much memory. Minutes long:
 * only by name.
 */

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ask, startChild } from './child.ts';
import type { CoresDone, CoresTask } from './check-cores-child.ts';
import { median, type Figure } from './figure.ts';
import { endLine, repeated } from './repeated.ts';

/** 21 lines a customer: three million events, 850 MB, so that the threads' own warming up is a small part. */
const CUSTOMERS = 150_000;
const LINES = 21;
const PAIRS = 3;
/** Four attempts each. */
const MANY_CUSTOMERS = 2_500_000;
const MOST_MB = 512;

export async function benchCheckCores(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'onceproof-bench-'));
  try {
    const history = join(folder, 'history.ndjson');
    await pipeline(Readable.from(pieces(CUSTOMERS)), createWriteStream(history));
    const ratios: number[] = [];
    const shares: number[] = [];
    let fastest = Infinity;
    let isSame = true;
    for (let pair = 0; pair < PAIRS; pair++) {
      const one = await judged({ workers: 1, history });
      const two = await judged({ workers: 2, history });
      isSame &&= one.told === two.told;
      ratios.push(one.ms / two.ms);
      shares.push((2 * one.cpuMs) / two.cpuMs);
      fastest = Math.min(fastest, two.ms);
    }
    const best = Math.max(...ratios);
    const events = CUSTOMERS * LINES;
    return [
      {
        name: 'check on two cores / one',
        value: best,
        required: '>= 1.6',
        ok: best >= 1.6 && isSame,
        detail: `best of ${PAIRS} pairs, median ${median(ratios).toFixed(2)}, all ${ratios.map((each) => each.toFixed(2)).join(' ')}; ${events} events, ${Math.round(events / fastest)} k events/s on two of ${availableParallelism()} cores; by CPU time, were both cores free, ${median(shares).toFixed(2)}; ${isSame ? 'the same verdict' : 'ANOTHER VERDICT'}`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function benchTenMillionAttempts(): Promise<Figure[]> {
  const { attempts, peakMb, ms, verdict } = await judged({ workers: 2, history: MANY_CUSTOMERS });
  return [
    {
      name: 'ten million attempts on two cores, peak memory in MB',
      value: peakMb,
      required: `<= ${MOST_MB}`,
      ok: peakMb <= MOST_MB && verdict === 'valid' && attempts >= 10_000_000,
      detail: `${attempts} attempts, ${MANY_CUSTOMERS * LINES} events (${verdict}) made and judged in ${(ms / 1000).toFixed(0)} s, ${Math.round((MANY_CUSTOMERS * LINES) / ms)} k events/s`,
    },
  ];
}

/** The block is written over as soon as the next one is asked for: a file needs copies. */
function* pieces(customers: number): Generator<Buffer> {
  for (const piece of repeated(customers)) yield Buffer.from(piece);
  yield endLine();
}

async function judged(task: CoresTask): Promise<CoresDone> {
  const child = startChild('bench/check-cores-child');
  try {
    return await ask<CoresDone>(child, task);
  } finally {
    child.kill();
  }
}
