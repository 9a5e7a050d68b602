/**
 * A schedule drawn from the seed: a handful of rules out of everything that the target can do and the right server
 * survives. What each is and how strong is `hash(seed, …)`, so that a seed means the same rules on every machine.
 */

import { below, uniform } from '../model/decide.ts';
import { BALANCER_PROFILES } from '../proxy/http/toxics.ts';
import type { FaultRule, RequestFault, RequestRule, TimedAction, TimedRule } from './fault-rule.ts';

/** One fault that can be drawn; `draw` says how strong it is this time. */
interface Candidate {
  readonly name: string;
  /** Also scenarios that steer clocks, payloads or the last points bear it. */
  readonly isGentle?: boolean;
  readonly draw: (pick: Pick) => Drawn;
}

type Drawn = Omit<RequestRule, 'name'> | Omit<TimedRule, 'name'>;

/** Whole numbers from a to b, by the seed and the candidate. */
type Pick = (what: string, from: number, to: number) => number;

const FEWEST_RULES = 4;
const MOST_RULES = 9;

/** Faults that are never drawn. */
export const NEVER_DRAWN: ReadonlySet<RequestFault | TimedAction> = new Set<RequestFault | TimedAction>([
  // Without persistence, or with less memory than data, no server keeps what it has acknowledged.
  'power-loss',
  'lose-disk',
  'evict',
  'failover',
  // Which keys end by it depends on how far and when: the schedule `clock` has jumps that are known to.
  'clock-jump',
]);

export interface RandomOptions {
  readonly seed: string;
  /** Only faults that leave clocks, payloads and the last points alone. */
  readonly isGentle: boolean;
  /** Whether the target can bear a rule. */
  readonly isAble: (rule: FaultRule) => boolean;
}

/** 4 to 9 rules; those of a target that can do nothing tell what it would have taken. */
export function randomRules({ seed, isGentle, isAble }: RandomOptions): readonly FaultRule[] {
  const count = FEWEST_RULES + below(MOST_RULES - FEWEST_RULES + 1, seed, 'random', 'count');
  const drawn = CANDIDATES.filter((one) => !isGentle || one.isGentle === true)
    .toSorted((one, other) => rankOf(seed, one) - rankOf(seed, other))
    .map((one) => ruleOf(seed, one));
  const able = drawn.filter(isAble);
  return (able.length > 0 ? able : drawn).slice(0, count);
}

function rankOf(seed: string, { name }: Candidate): number {
  return uniform(seed, 'random', 'rank', name);
}

function ruleOf(seed: string, { name, draw }: Candidate): FaultRule {
  const pick: Pick = (what, from, to) => from + below(to - from + 1, seed, 'random', name, what);
  return { name, ...draw(pick) };
}

/** At most every fifth request: retries must still come through. */
const MOST_PERCENT = 20;
/** A client that waits for its time-out waits long: few. */
const MOST_HANGS_PERCENT = 2;

function request(
  name: string,
  what: RequestFault,
  detail: (pick: Pick) => Readonly<Record<string, unknown>>,
  more: { readonly isGentle?: boolean; readonly mostPercent?: number } = {},
): Candidate {
  const { isGentle = false, mostPercent = MOST_PERCENT } = more;
  const leastPercent = Math.min(5, mostPercent);
  return {
    name,
    isGentle,
    draw: (pick) => ({
      what,
      share: pick('share', leastPercent, mostPercent) / 100,
      detail: detail(pick),
    }),
  };
}

function timed(
  name: string,
  what: TimedAction,
  where: TimedRule['where'],
  length: readonly [number, number],
  more: {
    readonly isGentle?: boolean;
    readonly every?: readonly [number, number];
    readonly detail?: (pick: Pick) => Readonly<Record<string, number>>;
  } = {},
): Candidate {
  const [shortest, longest] = length;
  const [soonest, latest] = more.every ?? [1500, 4000];
  return {
    name,
    isGentle: more.isGentle ?? false,
    draw: (pick) => {
      const from = pick('from', shortest, longest);
      return {
        what,
        where,
        after: pick('after', 100, 900),
        every: pick('every', soonest, latest),
        for: [from, pick('to', from, longest)],
        ...(more.detail && { detail: more.detail(pick) }),
      };
    },
  };
}

const upstreamOf = (pick: Pick): string => ['same', 'other', 'any'][pick('upstream', 0, 2)] ?? 'any';
const slow = (pick: Pick): Readonly<Record<string, unknown>> => ({
  delay_ms: pick('delay', 5, 80),
  jitter_ms: pick('jitter', 0, 40),
});
const crash = (point: string): Candidate => ({
  name: `crash ${point}`,
  draw: (pick) => ({
    what: 'http_arm',
    attempts: [1],
    detail: { point, action: 'crash', one_in: pick('one in', 50, 150) },
  }),
});
const OUTAGE_EVERY = { every: [5000, 9000] } as const;

const REQUESTS: readonly Candidate[] = [
  request('reset answers', 'http_lose_answer', () => ({ how: 'reset' })),
  request('hanging answers', 'http_lose_answer', () => ({ how: 'hang' }), {
    mostPercent: MOST_HANGS_PERCENT,
  }),
  request('cut answers', 'http_lose_answer', (pick) => ({
    how: 'cut',
    after_bytes: pick('bytes', 1, 200),
  })),
  request('reset requests', 'http_lose_request', () => ({ how: 'reset' })),
  request('hanging requests', 'http_lose_request', () => ({ how: 'hang' }), {
    mostPercent: MOST_HANGS_PERCENT,
  }),
  request('late requests', 'http_delay_request', slow),
  request('late answers', 'http_delay_answer', slow, { isGentle: true }),
  request('gateway errors after', 'http_answer', (pick) => ({
    status: 502 + pick('status', 0, 2),
    after: true,
  })),
  request('gateway errors before', 'http_answer', (pick) => ({
    status: 502 + pick('status', 0, 2),
    after: false,
  })),
  request('copies', 'http_duplicate', (pick) => ({
    count: pick('count', 1, 2),
    delay_ms: pick('delay', 0, 30),
    upstream: upstreamOf(pick),
  })),
  request('late copies', 'http_duplicate', (pick) => ({
    count: 1,
    delay_ms: pick('delay', 10, 200),
    upstream: upstreamOf(pick),
    after_answer: true,
  })),
  request('old requests', 'http_replay', (pick) => ({
    delay_ms: pick('delay', 200, 3000),
    upstream: upstreamOf(pick),
  })),
  request('balancer', 'http_balancer', (pick) => ({
    profile: BALANCER_PROFILES[pick('profile', 0, BALANCER_PROFILES.length - 1)],
  })),
  // Quotes around a key change nothing; other headers carry no meaning here.
  request('quoted keys', 'http_header', () => ({ op: 'requote', header: 'idempotency-key' })),
  crash('after-claim'),
  crash('after-debit'),
  crash('after-fulfil'),
  crash('before-reply'),
];

const CONNECTIONS: readonly Candidate[] = (['edge', 'store-path'] as const).flatMap((where) => [
  timed(`latency ${where}`, 'latency', where, [100, 500], {
    isGentle: true,
    detail: (pick) => ({ latency: pick('latency', 2, 40), jitter: pick('jitter', 0, 20) }),
  }),
  timed(`bandwidth ${where}`, 'bandwidth', where, [100, 500], {
    isGentle: true,
    detail: (pick) => ({ rate: pick('rate', 20, 200) }),
  }),
  timed(`slicer ${where}`, 'slicer', where, [100, 500], {
    isGentle: true,
    detail: (pick) => ({
      average_size: pick('size', 32, 256),
      size_variation: pick('variation', 0, 16),
      delay: pick('delay', 0, 300),
    }),
  }),
  timed(`slow close ${where}`, 'slow_close', where, [100, 500], {
    detail: (pick) => ({ delay: pick('delay', 5, 100) }),
  }),
  timed(`reset ${where}`, 'reset_peer', where, [20, 150], {
    detail: (pick) => ({ timeout: pick('timeout', 0, 20) }),
  }),
  timed(`cut ${where}`, 'limit_data', where, [50, 300], {
    detail: (pick) => ({ bytes: pick('bytes', 500, 5000) }),
  }),
  timed(`silence ${where}`, 'timeout', where, [50, 400], { ...OUTAGE_EVERY, detail: () => ({ timeout: 0 }) }),
  timed(`closed ${where}`, 'down', where, [50, 400], OUTAGE_EVERY),
]);

const PARTS: readonly Candidate[] = [
  ...(['replica', 'store'] as const).flatMap((where) => [
    timed(`kill ${where}`, 'kill', where, [50, 300], OUTAGE_EVERY),
    timed(`pause ${where}`, 'pause', where, [50, 450], OUTAGE_EVERY),
    timed(`restart ${where}`, 'restart', where, [50, 200], OUTAGE_EVERY),
  ]),
  timed('rolling restart', 'rolling-restart', 'replica', [50, 150], { every: [12_000, 20_000] }),
  timed('wrong clock', 'skew', 'replica', [100, 500], {
    detail: (pick) => ({
      offset_ms: (pick('side', 0, 1) === 0 ? -1 : 1) * pick('minutes', 1, 1500) * 60_000,
    }),
  }),
  timed('full store', 'out-of-memory', 'store', [50, 300], OUTAGE_EVERY),
  timed('loading store', 'loading', 'store', [100, 400], OUTAGE_EVERY),
  timed('slow store', 'slow', 'store', [100, 500], {
    detail: (pick) => ({ latency: pick('latency', 2, 30), jitter: pick('jitter', 0, 10) }),
  }),
];

const CANDIDATES: readonly Candidate[] = [...REQUESTS, ...CONNECTIONS, ...PARTS];
