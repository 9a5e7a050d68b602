/** Ten million events through the checker, in a process of its own: how fast, and how much memory at most. Asked for by name. */

import { ask, startChild } from './child.ts';
import type { Figure } from './figure.ts';
import type { Judged, Task } from './ten-million-child.ts';

const EVENTS = 10_000_000;
const MOST_MB = 256;

export async function benchTenMillion(): Promise<Figure[]> {
  const child = startChild('bench/ten-million-child');
  try {
    const { events, ms, peakMb, verdict } = await ask<Judged>(child, { events: EVENTS } satisfies Task);
    return [
      {
        name: 'ten million events, peak memory in MB',
        value: peakMb,
        required: `<= ${MOST_MB}`,
        ok: peakMb <= MOST_MB && verdict === 'valid' && events >= EVENTS,
        detail: `${events} events (${verdict}) made and judged in ${(ms / 1000).toFixed(1)} s of CPU, ${Math.round(events / ms)} k events/s`,
      },
    ];
  } finally {
    child.kill();
  }
}
