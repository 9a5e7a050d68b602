/** The walk of a probe: one row after the other, then each customer's books once more. */

import type { Row } from './look.ts';
import type { Contract } from '../model/contract.ts';
import { effectsText } from './account.ts';
import { Bench } from './bench.ts';
import type { BenchOptions } from './desk.ts';
import { isSame, Nowhere, Unseen, type Promised, type Seen } from './row.ts';
import { DUPLICATE_ROWS } from './rows/duplicates.ts';
import { IN_FLIGHT_ROWS } from './rows/in-flight.ts';
import { KEY_ROWS } from './rows/keys.ts';
import { PAYLOAD_ROWS } from './rows/payload.ts';
import { ERROR_ROWS, REFUSAL_ROWS } from './rows/refusals.ts';
import { REPLAY_ROWS } from './rows/replay.ts';
import { SCOPE_ROWS } from './rows/scope.ts';
import { TIME_ROWS } from './rows/time.ts';
import type { Sent } from './sender.ts';

/** In the order in which they are looked at and shown. */
export const ROWS: readonly Row[] = [
  ...REPLAY_ROWS,
  ...KEY_ROWS,
  ...PAYLOAD_ROWS,
  ...SCOPE_ROWS,
  ...IN_FLIGHT_ROWS,
  ...REFUSAL_ROWS,
  ...ERROR_ROWS,
  ...DUPLICATE_ROWS,
  ...TIME_ROWS,
];

/**
 * How a row stands to the contract. `unpromised`: it was seen, and the contract says nothing; `unseen`: it could not be
 * seen; `skipped`: nobody asked for it.
 */
export type Standing = 'kept' | 'broken' | 'unpromised' | 'unseen' | 'skipped';

export interface Told {
  readonly row: Row;
  readonly standing: Standing;
  readonly seen?: Seen;
  /** Why nothing was seen. */
  readonly why?: string;
  /** There is nothing of the kind in this endpoint's requests: nothing is missing. */
  readonly isNowhere?: true;
  readonly promised?: Promised;
  readonly shown: readonly Sent[];
}

export interface ProbeOptions extends BenchOptions {
  /** Names of rows that are not looked at. */
  readonly skip: readonly string[];
  readonly onRow?: (name: string, done: number, all: number) => void;
}

export interface ProbeResult {
  readonly told: readonly Told[];
  readonly contract: Contract;
  readonly requestCount: number;
  readonly tookMs: number;
  readonly isInterrupted: boolean;
}

/** Never throws for what the endpoint does. */
export async function probe(options: ProbeOptions): Promise<ProbeResult> {
  const bench = new Bench(options);
  const startedAt = options.now();
  const told: Told[] = [];
  try {
    for (const row of ROWS) {
      options.onRow?.(row.name, told.length, ROWS.length);
      const firstAccount = bench.accounts.length;
      const one = await lookAt(bench, row, options.skip.includes(row.name));
      told.push(one);
      own.set(one, bench.accounts.slice(firstAccount));
    }
    return {
      told: await booksAgain(bench, told),
      contract: options.contract,
      requestCount: bench.requestCount,
      tookMs: options.now() - startedAt,
      isInterrupted: options.signal.aborted,
    };
  } finally {
    bench.close();
  }
}

/** Customers that were opened for a row. */
const own = new WeakMap<Told, Bench['accounts']>();

async function lookAt(bench: Bench, row: Row, isSkipped: boolean): Promise<Told> {
  const { contract } = bench.options;
  const promised = row.promised(contract);
  const base = { row, ...(promised !== undefined && { promised }) };
  if (isSkipped) return { ...base, standing: 'skipped', shown: [], why: 'skipped' };
  try {
    const seen = await row.look(bench);
    return { ...base, seen, shown: seen.shown, standing: standingOf(seen, promised) };
  } catch (error) {
    if (!(error instanceof Unseen)) throw error;
    const isNowhere = error instanceof Nowhere;
    return { ...base, standing: 'unseen', why: error.message, shown: [], ...(isNowhere && { isNowhere }) };
  }
}

function standingOf({ did, trouble }: Seen, promised: Promised | undefined): Standing {
  // Whatever is promised, answers and books must not contradict each other.
  if (trouble !== undefined) return 'broken';
  if (promised === undefined) return 'unpromised';
  return promised.anyOf.some((one) => isSame(one, did)) ? 'kept' : 'broken';
}

/** What came into the books after a row had looked at them makes it a broken one. */
async function booksAgain(bench: Bench, told: readonly Told[]): Promise<readonly Told[]> {
  const result: Told[] = [];
  for (const one of told) {
    let late = 0;
    for (const account of (own.get(one) ?? []).filter((one) => bench.isLast(one))) {
      const { count = 0 } = await account.count(0).catch(() => ({ count: 0 }));
      late += count;
    }
    if (late === 0 || one.seen === undefined) result.push(one);
    else
      result.push({
        ...one,
        standing: 'broken',
        seen: { ...one.seen, trouble: `${lateText(late)} in the books when the probe ended` },
      });
  }
  return result;
}

/** `1 effect more`, `2 effects fewer`. */
function lateText(count: number): string {
  return `${effectsText(Math.abs(count))} ${count > 0 ? 'more' : 'fewer'}`;
}
