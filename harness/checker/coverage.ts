/** The moments that a run can meet, and which of them a run must have met to prove anything. */

import type { RunEvent } from '../history/events.ts';

/** What each moment is, and what to change when it was not met. */
export const COVERAGE = {
  'intent-completed': 'let more intents run to their end: more intents, a longer duration, or fewer faults',
  retried: 'raise --intents, or use --faults light so that attempts fail and are repeated',
  'replayed-answer': 'raise --intents: a key must be sent again after it was finished',
  overlap: 'raise --vus or the latency of the server: two attempts of one key must be in flight together',
  'answer-lost-after-debit': 'raise --intents or the share of lost answers in the fault schedule',
  'crash-between-debit-and-reply': 'raise --intents, so that an armed crash meets a redemption',
  'other-replica': 'raise --intents, or check that the hop reaches more than one replica',
  'retry-other-replica':
    'raise --intents, or --replicas: a retry must reach another replica than its attempt before',
  'duplicate-delivered': 'raise --intents or the share of duplicated requests in the fault schedule',
  'late-duplicate': 'raise --intents, or the delay of duplicated requests',
  'hidden-resend':
    'nothing resent a request by itself; where a load balancer should have, raise --intents or the share of lost answers',
  'expiry-before': 'check that the clock hook moves the customer to just before the TTL',
  'expiry-at': 'check that the clock hook moves the customer to the TTL itself, frozen',
  'expiry-after': 'check that the clock hook moves the customer past the TTL',
  'expiry-in-flight': 'make the server slower, so that the clock can be moved while a request is in flight',
  'tombstone-end': "check that the clock hook moves the customer past the tombstone's end",
  'other-payload': 'raise --intents: a key must be sent with another payload',
  'other-customer': 'raise --intents: a key must be sent for another customer',
  'reordered-payload': 'raise --intents: a payload must be sent again with its members in another order',
  'missing-key': 'raise --intents: a request must be sent without a key',
  'malformed-key': 'raise --intents: a malformed key must be sent',
  'two-keys-one-intent': 'raise --intents: one redemption must be sent under two keys',
  'points-ran-out': 'lower the points of the customers, or send more intents for each',
  'race-for-last-points': 'raise --vus: intents must be in flight together when points run out',
  'server-down-in-flight':
    'raise --intents or --duration: requests must be under way when a replica is killed, paused or restarted (--faults crash)',
  'store-down-in-flight':
    'raise --intents or --duration: requests must be under way when the store is killed, paused or cut off (--faults store)',
  'restart-in-flight':
    'raise --intents or --duration: requests must be under way during a rolling restart (--faults crash)',
  'expired-in-run':
    'raise --intents or --duration: a key must be used after its end came by a clock that runs, or by a jump of it',
  'skewed-clock':
    'raise --intents or --duration: requests must be under way while a replica has a wrong clock',
  'lease-outlasted':
    'make the server slower, or the lease shorter: work on a key must take longer than its lease (contract.leaseMs)',
  'another-envelope':
    'raise --intents: a repeated request must come in another envelope (headers, query, members, connection)',
  'changed-member':
    'raise --intents: a key must come again with one member of its payload changed (key-reuse)',
  'keys-alike': 'raise --intents: two keys that differ in little must both be used (key-reuse)',
  'replayed-later':
    'raise --intents: a finished key must be asked again long after, or after the state of its customer has changed',
  'burst-at-instant':
    'check that the clock hook moves the customer to an instant of the contract (key-expiry)',
  'long-work':
    'hold the work on a key for longer than a lease: a hook, a door before the store, or a slow store (retry-storm, sweep)',
  abandoned: 'lower the time-out of the client, or use a fault schedule that hangs answers',
} as const;
export type CoverageName = keyof typeof COVERAGE;

export const COVERAGE_NAMES = Object.keys(COVERAGE) as CoverageName[];

export interface RequiredCoverage {
  readonly name: CoverageName;
  /** What to change when it was not met. */
  readonly advice: string;
}

/** What a run of this scenario, with these faults and against this target, must have met. Pure: the plan asks too. */
export function requiredCoverage(run: RunEvent): RequiredCoverage[] {
  const names: CoverageName[] = ['intent-completed', ...scenarioCoverage(run), ...resendCoverage(run)];
  return [...new Set(names)].map((name) => ({ name, advice: COVERAGE[name] }));
}

/** A balancer that repeats POSTs proves nothing as long as it had no reason to. */
function resendCoverage({ capabilities, faults: { kinds, names } }: RunEvent): readonly CoverageName[] {
  const failsAtDoor = ['http_lose_answer', 'http_lose_request', 'http_answer'];
  const hasReason = kinds.includes('edge') && (names?.some((name) => failsAtDoor.includes(name)) ?? true);
  return capabilities.resends === true && hasReason ? ['hidden-resend'] : [];
}

function scenarioCoverage(run: RunEvent): readonly CoverageName[] {
  const { capabilities, faults } = run;
  const hasEdgeFaults = capabilities.arrivals && faults.kinds.includes('edge');
  // A schedule that tells what it does requires only what that can bring about.
  const does = (...names: string[]): boolean => faults.names?.some((name) => names.includes(name)) ?? true;
  const whenLost: CoverageName[] =
    hasEdgeFaults && does('http_lose_answer', 'http_answer') ? ['answer-lost-after-debit'] : [];
  const whenCopied: CoverageName[] = hasEdgeFaults && does('http_duplicate') ? ['duplicate-delivered'] : [];
  // What a schedule does in its first seconds, while every run is still going; older histories do not tell.
  const early = (word: string, moment: CoverageName): CoverageName[] =>
    faults.names?.includes(word) === true ? [moment] : [];
  const whenDown: CoverageName[] = [
    ...early('server-down', 'server-down-in-flight'),
    ...early('store-down', 'store-down-in-flight'),
    ...early('rolling-restart-soon', 'restart-in-flight'),
  ];
  const whenJumped = early('clock-jump', 'expired-in-run');
  const whenReplicas: CoverageName[] =
    capabilities.arrivals && capabilities.replicas >= 2 ? ['retry-other-replica'] : [];
  switch (run.scenario) {
    case 'retry-storm': {
      const canCrash = capabilities.crash && faults.kinds.includes('server') && does('http_arm');
      const isTooSoon = faults.names?.includes('crash-before-debit-only') === true;
      return [
        'retried',
        'replayed-answer',
        ...whenLost,
        ...(canCrash && !isTooSoon ? (['crash-between-debit-and-reply'] as const) : []),
        ...whenReplicas,
        ...whenDown,
      ];
    }
    case 'duplicated-requests':
      return [
        'overlap',
        ...whenCopied,
        ...early('late-copies', 'late-duplicate'),
        ...(capabilities.replicas >= 2 && capabilities.arrivals ? (['other-replica'] as const) : []),
      ];
    case 'double-click':
      return ['overlap', 'two-keys-one-intent'];
    case 'lost-answer':
      return ['retried', 'replayed-answer', ...whenLost, ...whenReplicas];
    case 'key-expiry':
      return ['replayed-answer', ...expiryCoverage(run), ...whenJumped];
    case 'key-reuse':
      return [
        ...(capabilities.otherPayload === false ? [] : (['other-payload'] as const)),
        'missing-key',
        'malformed-key',
        'reordered-payload',
        // A second customer must exist: either the run makes its own, or the list has more than one.
        ...(capabilities.provision ? (['other-customer'] as const) : []),
      ];
    case 'near-zero':
      return ['race-for-last-points', 'points-ran-out'];
    case 'soak':
      return ['replayed-answer', 'overlap', 'two-keys-one-intent', ...whenLost, ...whenDown];
    default:
      return [];
  }
}

/** Only a clock that can be set reaches the TTL; a contract that names no TTL has no moment to reach. */
function expiryCoverage({ capabilities, contract }: RunEvent): readonly CoverageName[] {
  if (!capabilities.clock || contract.ttlMs === 'unspecified') return [];
  return ['expiry-before', 'expiry-at', 'expiry-after', 'expiry-in-flight', 'tombstone-end'];
}
