/** Laws of the checker over real histories: of an honest run's evidence nothing can be changed and stay valid, but what is redundant. */

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../harness/history/events.ts';
import { honestHistory, verdictOf } from '../test/trust/mutants.ts';
import { PLAYED } from '../test/trust/cell.ts';
import { mutated, MUTATIONS, sortOf } from './support/mutations.ts';
import { prop } from './support/prop.ts';
import { isRedundant, REDUNDANT } from './support/redundant.ts';

describe('the history of an honest run, one event of it changed', () => {
  const histories = new Map<string, HistoryEvent[]>();

  beforeAll(async () => {
    for (const profile of PLAYED) histories.set(profile, await honestHistory(profile, 1));
  });

  test('unchanged it is valid', () => {
    for (const [profile, events] of histories)
      expect([profile, verdictOf(events)]).toEqual([profile, 'valid']);
  });

  prop(
    'it is not valid any more, but for the redundant changes',
    [fc.constantFrom(...PLAYED), fc.constantFrom(...MUTATIONS), fc.nat()],
    (profile, mutation, pick) => {
      const events = histories.get(profile) ?? [];
      const index = pick % events.length;
      const event = events[index];
      const changed = mutated(events, index, mutation);
      if (!event || !changed) return;
      const sort = sortOf(events, index);
      if (isRedundant(mutation.name, sort)) return;
      expect(verdictOf(changed), `${mutation.name} of ${sort}: ${JSON.stringify(event)}`).not.toBe('valid');
    },
    { runs: 600 },
  );

  test('what is redundant is said once, of changes that exist, with a reason', () => {
    const names = REDUNDANT.flatMap(({ mutation, sorts }) => sorts.map((sort) => `${mutation} of ${sort}`));
    expect(new Set(names).size).toBe(names.length);
    for (const { mutation, why } of REDUNDANT) {
      expect(MUTATIONS.map(({ name }) => name)).toContain(mutation);
      expect(why).not.toBe('');
    }
  });
});
