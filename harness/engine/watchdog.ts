/** Sees that an engine's thread does not turn any more: a script that never gives it back holds everything up. */
import { readPulse } from './pulse.ts';
import type { PlannedScenario } from './worker-task.ts';

/** So long a script may compute in one go. As long as k6's graceful stop, after which it ends such an iteration. */
export const STALL_MS = 30_000;
const LOOKS = 10;

export class Watchdog {
  private readonly timer: NodeJS.Timeout;

  /** Calls `onStall` once, when no beat has come for `stallMs` after the first one, looked at ten times in that time. */
  constructor(pulse: SharedArrayBuffer, stallMs: number, onStall: () => void) {
    let beat = readPulse(pulse).beat;
    let missed = 0;
    // Counted in looks: where this thread itself stood still, both did, and that is no stall.
    this.timer = setInterval(() => {
      const { beat: now, isWaiting } = readPulse(pulse);
      missed = now === beat && beat > 0 && !isWaiting ? missed + 1 : 0;
      beat = now;
      if (missed < LOOKS) return;
      this.stop();
      onStall();
    }, stallMs / LOOKS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** In one line: for how long, whose code, and where. */
export function stuckText(
  seconds: number,
  pulse: SharedArrayBuffer,
  scenarios: readonly PlannedScenario[],
  place: string | undefined,
): string {
  const { vu, scenario } = readPulse(pulse);
  const { name, exec } = scenarios[scenario] ?? {};
  const whose =
    name === undefined
      ? 'at the top level, in setup, teardown or handleSummary'
      : `VU ${vu} of scenario ${name}, in ${exec}`;
  const where = place === undefined ? '' : `, at ${place}`;
  return `the script did not give its thread back for ${seconds} seconds (${whose}${where}), and was ended`;
}
