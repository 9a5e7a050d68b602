/** The time of the history's events: ms since the epoch, with fractions, and never set back while the process lives. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
