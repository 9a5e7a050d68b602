/** What a run may ask of the endpoint, and how long it waits for it. */

import { DEFAULTS } from './defaults.ts';
import { integerOf, isGiven, objectOf, type Member } from './member.ts';

export interface Limits {
  readonly maxRequestsPerSecond: number;
  readonly maxVus: number;
  /** One attempt's time. ms. */
  readonly timeoutMs: number;
  /** Time for undecided intents after all faults ended. ms. */
  readonly settleMs: number;
  /** Between the two equal reads that close a customer. ms. */
  readonly quietMs: number;
  /** How long reads that still differ are repeated. ms. */
  readonly readLagMs: number;
  /** When, after the engine's end, closed customers are read once more. ms; 0: never. */
  readonly lateMs: number;
  /** The largest body of an answer, packed and unpacked: of more nothing is taken. bytes */
  readonly maxAnswerBytes: number;
}

const LIMIT_MAXIMA = {
  maxRequestsPerSecond: 1_000_000,
  maxVus: 10_000,
  timeoutMs: 600_000,
  settleMs: 3_600_000,
  quietMs: 60_000,
  readLagMs: 600_000,
  lateMs: 3_600_000,
  maxAnswerBytes: 1_073_741_824,
};

/** The member `limits`. Throws a usage error for one that is out of its range. */
export function limitsOf(member: Member): Limits {
  if (!isGiven(member)) return DEFAULTS.limits;
  const members = objectOf(member, [
    'maxRequestsPerSecond',
    'maxVus',
    'timeoutMs',
    'settleMs',
    'quietMs',
    'readLagMs',
    'lateMs',
    'maxAnswerBytes',
  ]);
  const limit = (name: keyof Limits, unit: string, least = 1) =>
    isGiven(members[name])
      ? integerOf(members[name], least, LIMIT_MAXIMA[name], unit)
      : DEFAULTS.limits[name];
  return {
    maxRequestsPerSecond: limit('maxRequestsPerSecond', 'requests a second'),
    maxVus: limit('maxVus', 'virtual users'),
    timeoutMs: limit('timeoutMs', 'ms'),
    settleMs: limit('settleMs', 'ms'),
    quietMs: limit('quietMs', 'ms', 0),
    readLagMs: limit('readLagMs', 'ms', 0),
    lateMs: limit('lateMs', 'ms', 0),
    maxAnswerBytes: limit('maxAnswerBytes', 'bytes'),
  };
}
