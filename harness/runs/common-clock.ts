/** Asks an endpoint for its time: the clock that all processes of a run have in common. */

import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../base/now.ts';
import {
  CLOCK_PAUSE_MS,
  CLOCK_SAMPLES,
  clockReading,
  dateSample,
  type ClockReading,
  type ClockSample,
} from '../model/common-clock.ts';

const TIMEOUT_MS = 2_000;

/** What its answers' `Date` says, whatever else they say. Undefined where none has one. `spacingMs`: at least so far apart. */
export async function askCommonClock(
  baseUrl: string,
  spacingMs: number,
  signal: AbortSignal,
): Promise<ClockReading | undefined> {
  const samples: ClockSample[] = [];
  for (let asked = 0; asked < CLOCK_SAMPLES && !signal.aborted; asked++) {
    if (asked > 0) await sleep(Math.max(CLOCK_PAUSE_MS, spacingMs));
    const sentAt = now();
    try {
      const response = await fetch(baseUrl, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
      const sample = dateSample(response.headers.get('date') ?? undefined, sentAt, now());
      await response.body?.cancel();
      if (sample !== undefined) samples.push(sample);
      else if (asked > 0) break;
    } catch {
      // One that is lost bounds nothing.
      if (samples.length === 0 && asked >= 2) break;
    }
  }
  return clockReading(samples, `Date of ${new URL(baseUrl).origin}`);
}
