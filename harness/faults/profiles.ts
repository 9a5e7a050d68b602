/** The built-in fault schedules, as rules; each scenario gets what its wanted moments need and can bear. */

import type { FaultRule, Persistence, RequestRule, TimedRule } from './fault-rule.ts';

export const SCHEDULES = [
  'none',
  'light',
  'heavy',
  'network',
  'crash',
  'store',
  'store-unsafe',
  'clock',
  'random',
] as const;
export type ScheduleName = (typeof SCHEDULES)[number];
/** Those whose rules stand here; `random` draws its own (random-schedule.ts). */
export type ProfileName = Exclude<ScheduleName, 'random'>;

/** What each does, and what the right server's verdict is under it: for the help text; the docs say the same. */
export const SCHEDULE_NOTES: Readonly<Record<ScheduleName, string>> = {
  none: 'no faults; valid',
  light: 'lost, late and doubled requests and answers, a few crashes, a little latency; valid',
  heavy: 'everything that a right server survives, at once; valid',
  network: 'requests, connections and the way to the store; valid',
  crash: 'crashes at named points, kills, pauses and restarts of replicas; valid',
  store: 'kills, pauses, lack of memory and slowness of Redis, and the way to it; valid',
  clock: "wrong clocks of replicas, jumps of the store's clock, light faults of requests; valid",
  'store-unsafe': 'a store that loses what it acknowledged; invalid by lost-debit',
  random: 'rules drawn from the seed, out of all that the target survives; valid',
};

export function isProfileName(name: string): name is ProfileName {
  return name !== 'random' && (SCHEDULES as readonly string[]).includes(name);
}

/**
 * Scenarios that steer clocks, payloads or the last points exactly: a copy or a crash at the wrong moment would
 * spoil the very moment that they want, so they get slow and a few lost answers only.
 */
const GENTLE: ReadonlySet<string> = new Set(['key-expiry', 'key-reuse', 'near-zero']);

export function isGentleScenario(scenario: string): boolean {
  return GENTLE.has(scenario);
}

/** The rules of a built-in schedule. */
export function profileRules(name: ProfileName, scenario: string): readonly FaultRule[] {
  return GENTLE.has(scenario) ? gentleProfile(name, scenario) : PROFILES[name](scenario);
}

const PROFILES: Readonly<Record<ProfileName, (scenario: string) => readonly FaultRule[]>> = {
  none: () => [],
  light: (scenario) => [...requestRules(scenario, LIGHT), ...lightCrashes(scenario), ...LIGHT_TIMED],
  heavy: (scenario) => [
    ...requestRules(scenario, HEAVY),
    ...heavyCrashes(scenario),
    ...HEAVY_WEATHER,
    ...CUTS,
    ...LATE_STORE,
    ...KILLS,
    ...STORE_KILLS,
  ],
  network: (scenario) => [...requestRules(scenario, HEAVY), ...HEAVY_WEATHER, ...CUTS],
  crash: (scenario) => [...heavyCrashes(scenario), ...KILLS],
  store: () => [...STORE_KILLS, ...STORE_PATH, ...LATE_STORE],
  'store-unsafe': () => STORE_LOSSES,
  clock: (scenario) => [...requestRules(scenario, LIGHT), ...CLOCKS],
};

/** What a Redis of our own is to keep under a built-in schedule; absent: everything. */
export function profilePersistence(name: ScheduleName): Persistence | undefined {
  return name === 'store-unsafe' ? 'everysec' : undefined;
}

function gentleProfile(name: ProfileName, scenario: string): readonly FaultRule[] {
  if (name === 'light') return gentleRules(scenario, 0.02);
  if (name === 'heavy' || name === 'network') return [...gentleRules(scenario, 0.04), ...HEAVY_WEATHER];
  if (name === 'crash') return KILLS;
  if (name === 'clock') return [...gentleRules(scenario, 0.02), ...CLOCKS];
  return PROFILES[name](scenario);
}

/** Shares of requests that each fault hits. */
interface Shares {
  readonly lostAnswers: number;
  readonly hangs: number;
  readonly cutAnswers: number;
  readonly lostRequests: number;
  readonly slowAnswers: number;
  readonly slowMs: number;
  readonly gatewayAfter: number;
  readonly gatewayBefore: number;
  readonly copies: number;
  readonly lateCopies: number;
  /** Requests that come again a second and a half after their answer. */
  readonly replays: number;
}

const LIGHT: Shares = {
  lostAnswers: 0.08,
  hangs: 0.01,
  cutAnswers: 0.01,
  lostRequests: 0.02,
  slowAnswers: 0.1,
  slowMs: 20,
  gatewayAfter: 0.02,
  gatewayBefore: 0.02,
  copies: 0.04,
  lateCopies: 0.02,
  replays: 0,
};

const HEAVY: Shares = {
  lostAnswers: 0.15,
  hangs: 0.02,
  cutAnswers: 0.03,
  lostRequests: 0.04,
  slowAnswers: 0.2,
  slowMs: 60,
  gatewayAfter: 0.04,
  gatewayBefore: 0.03,
  copies: 0.12,
  lateCopies: 0.05,
  replays: 0.03,
};

/** What a scenario is about happens more often there. */
const FOCUS: Readonly<Record<string, Partial<Shares>>> = {
  'retry-storm': { lostAnswers: 0.2 },
  'lost-answer': { lostAnswers: 0.35 },
  'duplicated-requests': { copies: 0.7, lateCopies: 0.15 },
};

function requestRules(scenario: string, shares: Shares): readonly RequestRule[] {
  const s = { ...shares, ...FOCUS[scenario] };
  return [
    rule('lost-answer', 'http_lose_answer', s.lostAnswers, { how: 'reset' }),
    // Until the client gives up: few, since each costs it a whole time-out.
    rule('hanging-answer', 'http_lose_answer', s.hangs, { how: 'hang' }),
    rule('cut-answer', 'http_lose_answer', s.cutAnswers, { how: 'cut', after_bytes: 60 }),
    rule('lost-request', 'http_lose_request', s.lostRequests, { how: 'reset' }),
    rule('slow-answer', 'http_delay_answer', s.slowAnswers, { delay_ms: s.slowMs, jitter_ms: s.slowMs / 2 }),
    rule('gateway-502-after', 'http_answer', s.gatewayAfter, { status: 502, after: true }),
    rule('gateway-503-before', 'http_answer', s.gatewayBefore, { status: 503, after: false }),
    rule('copy-to-other-replica', 'http_duplicate', s.copies, { count: 1, upstream: 'other' }),
    rule('late-copy', 'http_duplicate', s.lateCopies, {
      count: 1,
      upstream: 'any',
      after_answer: true,
      delay_ms: 30,
    }),
    ...(s.replays === 0
      ? []
      : [rule('replay', 'http_replay', s.replays, { delay_ms: 1500, upstream: 'any' })]),
  ];
}

/**
 * A crashed process needs about a second to come back, and takes all with it that it had in flight; two of them must not
 * be down at once (environment/arming.ts makes the later one wait). So there is one crash in so many iterations, no more
 * than there is time for: what waits too long for its turn is retried meanwhile, and then crashes in vain.
 */
function lightCrashes(scenario: string): readonly RequestRule[] {
  return [
    crash('crash-after-debit', 'after-debit', 50, scenario),
    crash('crash-before-reply', 'before-reply', 75, scenario),
    crash('crash-after-fulfil', 'after-fulfil', 150, scenario),
  ];
}

function heavyCrashes(scenario: string): readonly RequestRule[] {
  return [...lightCrashes(scenario), crash('crash-after-claim', 'after-claim', 150, scenario)];
}

/** A soak goes on long enough to meet everything. */
const SOAK_RARITY = 5;

function gentleRules(scenario: string, lost: number): readonly FaultRule[] {
  const slow = rule('slow-answer', 'http_delay_answer', 0.1, { delay_ms: 10, jitter_ms: 5 });
  // The sweep's customers have clocks that stand still: a lost answer's retry would meet the next step's time.
  return scenario === 'key-expiry'
    ? [slow]
    : [slow, rule('lost-answer', 'http_lose_answer', lost, { how: 'reset' })];
}

const LIGHT_TIMED: readonly TimedRule[] = [
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

const STORE_PATH: readonly TimedRule[] = [
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

const HEAVY_WEATHER: readonly TimedRule[] = [
  ...EDGE_WEATHER,
  ...STORE_PATH.filter(({ what }) => what === 'latency' || what === 'slicer'),
];

const CUTS: readonly TimedRule[] = [
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

const KILLS: readonly TimedRule[] = [
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

const STORE_KILLS: readonly TimedRule[] = [
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
const LATE_STORE: readonly TimedRule[] = [
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
const CLOCKS: readonly TimedRule[] = [
  clock('fast-replica', 'skew', 25 * HOUR_MS, { after: 150, every: 2600, for: [400, 900] }),
  clock('slow-replica', 'skew', -25 * HOUR_MS, { after: 1300, every: 2900, for: [400, 900] }),
  clock('next-day', 'clock-jump', 25 * HOUR_MS, { after: 600, every: 3700, for: [150, 400] }),
  clock('hours-back', 'clock-jump', -2 * HOUR_MS, { after: 1100, every: 3100, for: [200, 500] }),
  clock('end-of-day', 'clock-jump', 24 * HOUR_MS - 250, { after: 1700, every: 3900, for: [500, 900] }),
  clock('lease-over', 'clock-jump', 2000, { after: 2900, every: 4300, for: [100, 300] }),
];

/** One after the other, with time for debits in between. */
const STORE_LOSSES: readonly TimedRule[] = [
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

function rule(
  name: string,
  what: RequestRule['what'],
  share: number,
  detail: Readonly<Record<string, unknown>>,
): RequestRule {
  return { name, what, share, detail };
}

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

function crash(name: string, point: string, oneIn: number, scenario: string): RequestRule {
  const rarity = scenario === 'soak' ? SOAK_RARITY : 1;
  return {
    name,
    what: 'http_arm',
    attempts: [1],
    detail: { point, action: 'crash', one_in: oneIn * rarity },
  };
}
