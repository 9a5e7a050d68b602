/** The request rules of the built-in schedules. */

import type { FaultRule, RequestRule } from './fault-rule.ts';

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

export const LIGHT: Shares = {
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

export const HEAVY: Shares = {
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

export function requestRules(scenario: string, shares: Shares): readonly RequestRule[] {
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
export function lightCrashes(scenario: string): readonly RequestRule[] {
  return [
    crash('crash-after-debit', 'after-debit', 50, scenario),
    crash('crash-before-reply', 'before-reply', 75, scenario),
    crash('crash-after-fulfil', 'after-fulfil', 150, scenario),
  ];
}

export function heavyCrashes(scenario: string): readonly RequestRule[] {
  return [...lightCrashes(scenario), crash('crash-after-claim', 'after-claim', 150, scenario)];
}

/** A soak goes on long enough to meet everything. */
const SOAK_RARITY = 5;

export function gentleRules(scenario: string, lost: number): readonly FaultRule[] {
  const slow = rule('slow-answer', 'http_delay_answer', 0.1, { delay_ms: 10, jitter_ms: 5 });
  // The sweep's customers have clocks that stand still: a lost answer's retry would meet the next step's time.
  return scenario === 'key-expiry'
    ? [slow]
    : [slow, rule('lost-answer', 'http_lose_answer', lost, { how: 'reset' })];
}

function rule(
  name: string,
  what: RequestRule['what'],
  share: number,
  detail: Readonly<Record<string, unknown>>,
): RequestRule {
  return { name, what, share, detail };
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
