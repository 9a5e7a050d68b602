/** Waiting beside attempts in flight: k6's `sleep` would stop the VU, and with it the answers that come meanwhile. */
import { setTimeout } from 'k6/timers';

/** Resolves after at least `ms` milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, Math.round(ms)));
  });
}
