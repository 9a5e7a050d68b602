/**
 * One clock for several machines: each asks the same server for its time, several times, and learns between which bounds
 * that clock is ahead of its own. No machine's clock has to be right. Dependency-free: scripts use it, too.
 */

/** One question and its answer, ms since the epoch. */
export interface ClockSample {
  /** By the own clock. */
  readonly sentAt: number;
  readonly receivedAt: number;
  /** What the server told: its clock stood in [serverAt, serverAt + resolutionMs) while it answered. */
  readonly serverAt: number;
  readonly resolutionMs: number;
}

/** What a process knows of the common clock. */
export interface ClockReading {
  /** By how much the common clock is ahead of this process's own. ms, with the largest error of either sign. */
  readonly aheadMs: number;
  readonly uncertaintyMs: number;
  /** Whose clock it is. */
  readonly source: string;
}

/** Of a `Date` header (RFC 9110, section 6.6.1): a second, and a server may keep the text a little longer. ms */
export const DATE_RESOLUTION_MS = 1050;
/** Asked so often, so far apart, the server's second turns at least once in between; that is when most is learnt. */
export const CLOCK_SAMPLES = 26;
export const CLOCK_PAUSE_MS = 45;

/**
 * Each sample bounds the difference, from below by when its answer had come and from above by when its question had left
 * (as NTP does with its round trips); all of them together bound it best. Undefined without samples.
 */
export function clockReading(samples: readonly ClockSample[], source: string): ClockReading | undefined {
  if (samples.length === 0) return undefined;
  const lows = samples.map(({ serverAt, receivedAt }) => serverAt - receivedAt);
  const highs = samples.map(({ serverAt, resolutionMs, sentAt }) => serverAt + resolutionMs - sentAt);
  const [low, high] = [Math.max(...lows), Math.min(...highs)];
  // Bounds that cross: a clock was set in between. Only the widest ones hold then.
  if (low > high) return midOf(Math.min(...lows), Math.max(...highs), source);
  return midOf(low, high, source);
}

/** The sample in an answer's `Date`; undefined where it has none that can be read. */
export function dateSample(
  date: string | undefined,
  sentAt: number,
  receivedAt: number,
): ClockSample | undefined {
  const serverAt = date === undefined ? NaN : Date.parse(date);
  return Number.isFinite(serverAt)
    ? { sentAt, receivedAt, serverAt, resolutionMs: DATE_RESOLUTION_MS }
    : undefined;
}

function midOf(low: number, high: number, source: string): ClockReading {
  const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
  return { aheadMs: rounded((low + high) / 2), uncertaintyMs: rounded((high - low) / 2), source };
}
