/** The timed rules of the built-in schedules: connections, processes, the store, clocks. */

import type { TimedRule } from './fault-rule.ts';

export const LIGHT_TIMED: readonly TimedRule[] = [
  {
    name: 'slow-edge',
    what: 'latency',
    where: 'edge',
    after: 200,
    every: 1500,
    for: 300,
    detail: { latency: 15 },
  },
  {
    name: 'slow-store',
    what: 'latency',
    where: 'store-path',
    after: 250,
    every: 2000,
    for: 300,
    detail: { latency: 5 },
  },
];

const EDGE_WEATHER: readonly TimedRule[] = [
  {
    name: 'slow-edge',
    what: 'latency',
    where: 'edge',
    after: 100,
    every: 1600,
    for: [200, 500],
    detail: { latency: 40, jitter: 20 },
  },
  {
    name: 'narrow-edge',
    what: 'bandwidth',
    where: 'edge',
    after: 300,
    every: 2600,
    for: [200, 500],
    detail: { rate: 20 },
  },
  {
    name: 'sliced-edge',
    what: 'slicer',
    where: 'edge',
    after: 500,
    every: 2600,
    for: [300, 600],
    detail: { average_size: 32, size_variation: 16, delay: 500 },
  },
  {
    name: 'reset-edge',
    what: 'reset_peer',
    where: 'edge',
    after: 700,
    every: 3100,
    for: [50, 150],
    detail: { timeout: 0 },
  },
  {
    name: 'cut-off-edge',
    what: 'limit_data',
    where: 'edge',
    after: 900,
    every: 3300,
    for: [100, 300],
    detail: { bytes: 2000 },
  },
];

export const STORE_PATH: readonly TimedRule[] = [
  {
    name: 'slow-store',
    what: 'latency',
    where: 'store-path',
    after: 300,
    every: 1700,
    for: [200, 500],
    detail: { latency: 10, jitter: 5 },
  },
  {
    name: 'sliced-store',
    what: 'slicer',
    where: 'store-path',
    after: 400,
    every: 2900,
    for: [200, 400],
    detail: { average_size: 64, size_variation: 32, delay: 200 },
  },
  {
    name: 'lost-store',
    what: 'timeout',
    where: 'store-path',
    after: 700,
    every: 5000,
    for: [150, 450],
    detail: { timeout: 0 },
  },
  { name: 'closed-store', what: 'down', where: 'store-path', after: 3700, every: 7000, for: [100, 300] },
];

export const HEAVY_WEATHER: readonly TimedRule[] = [
  ...EDGE_WEATHER,
  ...STORE_PATH.filter(({ what }) => what === 'latency' || what === 'slicer'),
];

export const CUTS: readonly TimedRule[] = [
  ...STORE_PATH.filter(({ what }) => what === 'timeout' || what === 'down'),
  { name: 'closed-edge', what: 'down', where: 'edge', after: 2500, every: 6000, for: [100, 300] },
  {
    name: 'silent-edge',
    what: 'timeout',
    where: 'edge',
    after: 3200,
    every: 8000,
    for: [100, 300],
    detail: { timeout: 0 },
  },
];

export const KILLS: readonly TimedRule[] = [
  { name: 'dead-replica', what: 'kill', where: 'replica', after: 200, every: 5000, for: [50, 300] },
  { name: 'stopped-replica', what: 'pause', where: 'replica', after: 1500, every: 4500, for: [150, 450] },
  { name: 'restarted-replica', what: 'restart', where: 'replica', after: 2600, every: 7000, for: [50, 200] },
  {
    name: 'deployment',
    what: 'rolling-restart',
    where: 'replica',
    after: 4800,
    every: 16_000,
    for: [50, 150],
  },
];

export const STORE_KILLS: readonly TimedRule[] = [
  { name: 'dead-store', what: 'kill', where: 'store', after: 1100, every: 6000, for: [50, 250] },
  { name: 'stopped-store', what: 'pause', where: 'store', after: 2000, every: 5500, for: [100, 400] },
  { name: 'full-store', what: 'out-of-memory', where: 'store', after: 700, every: 6500, for: [100, 300] },
  { name: 'loading-store', what: 'loading', where: 'store', after: 2900, every: 9000, for: [300, 500] },
  { name: 'restarted-store', what: 'restart', where: 'store', after: 4400, every: 13_000, for: [50, 150] },
  {
    name: 'slow-redis',
    what: 'slow',
    where: 'store',
    after: 500,
    every: 4000,
    for: [200, 500],
    detail: { latency: 25, jitter: 10 },
  },
];

/** Longer than a server waits for its store: what it wrote is there, and it does not know. The others go on. */
export const LATE_STORE: readonly TimedRule[] = [
  {
    name: 'late-store',
    what: 'latency',
    where: 'store-path',
    after: 1300,
    every: 9000,
    for: [1700, 2100],
    detail: { latency: 3000 },
  },
];

const HOUR_MS = 3_600_000;

/**
 * Past the seed's 24 hours and back, but not past the end of a tombstone: a right server may forget a key then. One
 * jump stops short of the 24 hours, so that keys grow old and die while it lasts, and one only ends leases.
 */
export const CLOCKS: readonly TimedRule[] = [
  clock('fast-replica', 'skew', 25 * HOUR_MS, { after: 150, every: 2600, for: [400, 900] }),
  clock('slow-replica', 'skew', -25 * HOUR_MS, { after: 1300, every: 2900, for: [400, 900] }),
  clock('next-day', 'clock-jump', 25 * HOUR_MS, { after: 600, every: 3700, for: [150, 400] }),
  clock('hours-back', 'clock-jump', -2 * HOUR_MS, { after: 1100, every: 3100, for: [200, 500] }),
  clock('end-of-day', 'clock-jump', 24 * HOUR_MS - 250, { after: 1700, every: 3900, for: [500, 900] }),
  clock('lease-over', 'clock-jump', 2000, { after: 2900, every: 4300, for: [100, 300] }),
];

/** One after the other, with time for debits in between. */
export const STORE_LOSSES: readonly TimedRule[] = [
  { name: 'power-cut', what: 'power-loss', where: 'store', after: 900, every: 5000, for: [50, 150] },
  {
    name: 'full-cache',
    what: 'evict',
    where: 'store',
    after: 1900,
    every: 5000,
    for: 300,
    detail: { percent: 30 },
  },
  { name: 'lagging-replica', what: 'failover', where: 'store', after: 3000, every: 6000, for: 500 },
  { name: 'no-volume', what: 'lose-disk', where: 'store', after: 4500, every: 7000, for: [50, 150] },
];

function clock(
  name: string,
  what: 'skew' | 'clock-jump',
  offsetMs: number,
  when: Pick<TimedRule, 'after' | 'every' | 'for'>,
): TimedRule {
  const isSkew = what === 'skew';
  const where = isSkew ? 'replica' : 'store';
  return { name, what, where, ...when, ...(!isSkew && { overlap: false }), detail: { offset_ms: offsetMs } };
}
