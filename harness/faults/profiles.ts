/** The built-in fault schedules, as rules; each scenario gets what its wanted moments need and can bear. */

import type { Persistence } from '../environment/persistence.ts';
import type { FaultRule } from './fault-rule.ts';
import { gentleRules, HEAVY, heavyCrashes, LIGHT, lightCrashes, requestRules } from './profile-requests.ts';
import {
  CLOCKS,
  CUTS,
  HEAVY_WEATHER,
  KILLS,
  LATE_STORE,
  LIGHT_TIMED,
  STORE_KILLS,
  STORE_LOSSES,
  STORE_PATH,
} from './profile-timed.ts';

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
