/**
 * The plan: scenario x fault schedule x seed as plain data, written to disk before anything starts.
 * The same options give the same plan, apart from run id and date.
 */

import type { Balancer } from '../environment/balancer.ts';
import type { FaultKind } from '../history/events.ts';
import type { SweepFacts } from '../model/stand.ts';

/** The bundled scenarios, in the order in which `onceproof run` takes them. */
export const SCENARIOS = [
  'retry-storm',
  'duplicated-requests',
  'double-click',
  'lost-answer',
  'key-expiry',
  'key-reuse',
  'near-zero',
  'soak',
] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export function isScenarioName(name: string): name is ScenarioName {
  return (SCENARIOS as readonly string[]).includes(name);
}

/** How the client behaves: `seed` is the safe reading of the text, `seed-literal` its literal rule, there to be shown up. */
export const CLIENTS = ['seed', 'seed-literal'] as const;
export type ClientPolicy = (typeof CLIENTS)[number];

export const KEY_SHAPES = ['uuid', 'composite'] as const;
export type KeyShape = (typeof KEY_SHAPES)[number];

/** What a script is told of load and patience. */
export interface Workload {
  /** Iterations; each owns one customer. Absent: the script's own default. */
  readonly intents?: number;
  readonly vus?: number;
  /** Whole seconds, e.g. `30s`. */
  readonly duration?: string;
  /** Iterations per second started whatever the answers do (open model). */
  readonly rate?: number;
  /** How long an attempt waits for its answer, ms. */
  readonly timeoutMs: number;
  /** What the seed's 1 s, 2 s, 4 s are multiplied by. */
  readonly backoffFactor: number;
  /** The run ends after this time at the latest, settling included, ms. Absent: nobody can say how long its script takes. */
  readonly maxTimeMs?: number;
  /** Part `i/n` (from 1) of a run that n processes make together. */
  readonly segment?: string;
}

/** The most that a run may be asked for, by flag or by plan. */
export const RUN_LIMITS = { replicas: 16, vus: 10_000, rate: 100_000, intents: 10_000_000 } as const;

export interface Plan {
  readonly schema: 1;
  readonly runId: string;
  readonly seed: string;
  readonly scenario: string;
  readonly client: ClientPolicy;
  readonly keyShape: KeyShape;
  readonly profile: string;
  readonly defect?: string;
  readonly replicas: number;
  /** Load balancer before them; absent: none. */
  readonly lb?: Balancer;
  readonly workload: Workload;
  /** The resolved schedule; plain data, as the nemesis takes it. */
  readonly faults: {
    readonly profile: string;
    readonly kinds: readonly FaultKind[];
    readonly [more: string]: unknown;
  };
  /** Moments that this run must have met, with what to change when one was not. */
  readonly required: readonly { readonly name: string; readonly advice: string }[];
  readonly parts: { readonly engine: string; readonly proxy: string; readonly store: string };
  /** What was asked for, where `parts` only says it in words: a replay asks for the same. */
  readonly asked: AskedParts;
  /** The mark of the installation that wrote it (base/origin.ts). */
  readonly origin?: string;
  /** Of a sweep: its stands, and what was asked of it. */
  readonly sweep?: SweepPlan;
}

/** What a replay of a sweep needs: the stands themselves say the rest. */
export interface SweepPlan extends SweepFacts {
  readonly budgetMs?: number;
}

/** As flags take them, with `auto` replaced by what it took. No password is in them. */
export interface AskedParts {
  readonly engine: 'embedded' | 'k6' | 'sweep';
  readonly proxy: string;
  /** Absent for an endpoint of one's own. */
  readonly store?: string;
  /** Absolute path of a script of one's own. */
  readonly script?: string;
  /** Absolute path of the config; absent: the bundled reference server. */
  readonly target?: string;
}

/** What stands in the place of a URL's password. */
export const HIDDEN_PASSWORD = '***';

/** A URL without its password; other words as they are. */
export function withoutPassword(asked: string): string {
  if (!URL.canParse(asked)) return asked;
  const url = new URL(asked);
  if (url.password === '' && !url.searchParams.has('password')) return asked;
  if (url.password !== '') url.password = HIDDEN_PASSWORD;
  if (url.searchParams.has('password')) url.searchParams.set('password', HIDDEN_PASSWORD);
  return url.href;
}

/** The environment of a script, apart from URLs and credentials. */
export function scriptSettings(plan: Plan): Record<string, string> {
  const { workload } = plan;
  const settings: Record<string, string> = {
    RUN_ID: plan.runId,
    SEED: plan.seed,
    CLIENT: plan.client,
    KEY_SHAPE: plan.keyShape,
    BACKOFF_FACTOR: String(workload.backoffFactor),
    TIMEOUT_MS: String(workload.timeoutMs),
  };
  if (workload.intents !== undefined) settings['INTENTS'] = String(workload.intents);
  if (workload.vus !== undefined) settings['VUS'] = String(workload.vus);
  if (workload.duration !== undefined) settings['DURATION'] = workload.duration;
  if (workload.rate !== undefined) settings['RATE'] = String(workload.rate);
  return settings;
}
