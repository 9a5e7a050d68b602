/** Every scenario with one seed and run id, against what the real k6 did: intents, keys, attempts, fault decisions. */
import { describe, expect, test } from 'vitest';

import { SCENARIOS } from '../../harness/plan/plan.ts';
import { k6, withoutK6 } from './run.ts';
import { playBoth, readRecording, type Deed, type Recording } from './both.ts';

/** How much must have been compared at least: a comparison of next to nothing proves nothing. */
interface Least {
  readonly intents: number;
  readonly firsts: number;
  readonly decisions: number;
}

const LEAST: Readonly<Record<(typeof SCENARIOS)[number], Least>> = {
  'retry-storm': { intents: 30, firsts: 49, decisions: 70 },
  'duplicated-requests': { intents: 20, firsts: 26, decisions: 35 },
  'double-click': { intents: 24, firsts: 36, decisions: 45 },
  'lost-answer': { intents: 18, firsts: 18, decisions: 40 },
  'key-expiry': { intents: 16, firsts: 18, decisions: 30 },
  'key-reuse': { intents: 36, firsts: 36, decisions: 40 },
  'near-zero': { intents: 50, firsts: 50, decisions: 50 },
  // Bounded by time: on a slow machine each of its 8 VUs plays one iteration.
  soak: { intents: 8, firsts: 8, decisions: 6 },
};

describe.each([
  ['the embedded engine', 'embedded', false],
  [`the real k6${withoutK6}`, 'k6', k6 === undefined],
] as const)('%s sends and meets what k6 was recorded to', (_name, engine, isMissing) => {
  test.skipIf(isMissing).for(SCENARIOS)('in %s', async (scenario, { expect, annotate }) => {
    const recorded = readRecording(scenario);
    const { deeds, broken, log } = await playBoth(engine, recorded);
    expect(broken, log).toBe(0);
    const { differences, compared } = compare(recorded, deeds);
    await annotate(`compared with k6 ${recorded.k6}: ${JSON.stringify(compared)}`);
    expect(differences).toEqual([]);
    for (const what of ['intents', 'firsts', 'decisions'] as const) {
      expect(compared[what], `${what} compared`).toBeGreaterThanOrEqual(LEAST[scenario][what]);
    }
  });
});

describe('the comparison', () => {
  const recorded = readRecording('double-click');
  const changed = (change: (deed: Deed) => Deed): readonly string[] =>
    compare(
      recorded,
      recorded.deeds.map((deed) => (deed.attempt === 'dc-2-1.1' ? change(deed) : deed)),
    ).differences;

  test('finds nothing between a recording and itself', () => {
    expect(changed((deed) => deed)).toEqual([]);
  });

  test.each<[what: string, change: (deed: Deed) => Deed]>([
    ['another key', (deed) => ({ ...deed, key: 'other' })],
    ['another customer', (deed) => ({ ...deed, customer: 'other' })],
    ['another payload', (deed) => ({ ...deed, payload: 'other' })],
    ['another fault', (deed) => ({ ...deed, decided: { ...deed.decided, faults: ['other'] } })],
    ['another replica', (deed) => ({ ...deed, decided: { faults: [], ...deed.decided, replica: 3 } })],
    ['another number', (deed) => ({ ...deed, attempt: 'dc-2-1.9' })],
    ['another intent', (deed) => ({ ...deed, attempt: 'dc-2-9.1' })],
  ])('finds %s', (_what, change) => {
    expect(changed(change).join()).toContain('dc-2-');
  });

  test('takes for a later attempt another key of its intent, and no other', () => {
    const later = (key: string | undefined): readonly string[] => {
      const deeds = recorded.deeds.map((deed) =>
        deed.attempt === 'dc-2-1.3' ? { ...deed, ...(key !== undefined && { key }) } : deed,
      );
      return compare(recorded, deeds).differences;
    };
    const keys = recorded.deeds.filter(({ attempt }) => /^dc-2-1\.[12]$/.test(attempt)).map(({ key }) => key);
    expect(new Set(keys).size).toBe(2);
    for (const key of keys) expect(later(String(key))).toEqual([]);
    expect(later('other')).toEqual(['dc-2-1.3 key: other is none of its intent']);
  });
});

interface Comparison {
  readonly differences: readonly string[];
  /** `later`: attempts that an answer had decided and that occurred in both. */
  readonly compared: Least & { readonly later: number };
}

/** Whether only answers decide that it is made: the last points are spent where every answer before has come. */
function followsAnswers(scenario: string, intent: string): boolean {
  return scenario === 'soak' || (scenario === 'near-zero' && intent.endsWith('-6'));
}

/**
 * Intents and their first attempts must be the same; of what answers decided, and of what a run that is bounded by
 * time came to, only what occurred in both is compared.
 */
function compare({ scenario, deeds: recorded }: Recording, deeds: readonly Deed[]): Comparison {
  const [ours, theirs] = [byAttempt(deeds), byAttempt(recorded)];
  const differences: string[] = [];
  const compared = { intents: 0, firsts: 0, later: 0, decisions: 0 };
  const intents = new Set([...ours.keys(), ...theirs.keys()].map(intentOf));
  for (const intent of intents) {
    const isInBoth = ours.has(`${intent}.1`) && theirs.has(`${intent}.1`);
    if (isInBoth) compared.intents++;
    else if (!followsAnswers(scenario, intent)) differences.push(`${intent} is in one only`);
  }
  for (const attempt of new Set([...ours.keys(), ...theirs.keys()])) {
    const [own, other] = [ours.get(attempt), theirs.get(attempt)];
    if (own === undefined || other === undefined) {
      const isFirst = (own ?? other)?.isFirst === true;
      if (isFirst && !followsAnswers(scenario, intentOf(attempt)))
        differences.push(`${attempt}, a first attempt, is in one only`);
      continue;
    }
    if (own.isFirst) compared.firsts++;
    else compared.later++;
    for (const what of ['customer', 'payload', 'actor', 'via', 'isFirst'] as const) {
      if (own[what] !== other[what]) {
        differences.push(`${attempt} ${what}: ${String(own[what])} against ${String(other[what])}`);
      }
    }
    for (const what of ['key', 'body'] as const) {
      if (own[what] === other[what]) continue;
      // Which key, and which writing, a client goes on with is a matter of which answer came first.
      const known = recorded.filter((deed) => intentOf(deed.attempt) === intentOf(attempt));
      if (own.isFirst)
        differences.push(`${attempt} ${what}: ${String(own[what])} against ${String(other[what])}`);
      else if (!known.some((deed) => deed[what] === own[what]))
        differences.push(`${attempt} ${what}: ${String(own[what])} is none of its intent`);
    }
    if (own.decided === undefined || other.decided === undefined) continue;
    compared.decisions++;
    const [mine, its] = [JSON.stringify(own.decided), JSON.stringify(other.decided)];
    if (mine !== its) differences.push(`${attempt} decided: ${mine} against ${its}`);
  }
  return { differences, compared };
}

function byAttempt(deeds: readonly Deed[]): ReadonlyMap<string, Deed> {
  return new Map(deeds.map((deed) => [deed.attempt, deed]));
}

function intentOf(attempt: string): string {
  return attempt.slice(0, attempt.lastIndexOf('.'));
}
