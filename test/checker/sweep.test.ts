import { describe, expect, test } from 'vitest';
import type { FaultEvent, HistoryEvent } from '../../harness/history/events.ts';
import type { SweepFacts } from '../../harness/model/stand.ts';
import { drawHistory, judged, T0 } from '../support/history-builder.ts';

/** A sweep of so many stands with one redemption that went well; `more` comes before its end. */
function swept(count: number, more: readonly HistoryEvent[] = [], known = count) {
  const stands = Array.from({ length: count }, (_, index) => ({
    id: `s${index + 1}`,
    kind: 'cut-before' as const,
    way: 'fresh' as const,
    door: 'db',
    k: index + 1,
    name: 'update',
  }));
  const sweep: SweepFacts = { depth: 1, stands, known, left: [], ways: [] };
  const history = drawHistory({ scenario: 'sweep', engine: 'sweep', sweep });
  const ada = history.customer('cust_r1_s1', { points: 1000 });
  const coffee = ada.intent('s1-a', { points: 500 });
  coffee.ok('rdm_1');
  for (const event of more) history.add({ ...event, at: history.tick() } as HistoryEvent);
  ada.audit({ balance: 500, redemptions: [coffee.row('rdm_1')], ledger: [coffee.debit('rdm_1')] });
  return judged(history.events());
}

const fault = (stand: string, phase: 'start' | 'end', more: Partial<FaultEvent> = {}): FaultEvent => ({
  type: 'fault',
  at: T0,
  phase,
  id: `stand-${stand}`,
  name: 'cut-before',
  kind: 'store',
  target: 'db',
  ...more,
  detail: { stand, part: 'stand', ...more.detail },
});
const met = (stand: string, outcome = 'held') => [
  fault(stand, 'start'),
  fault(stand, 'end', { detail: { outcome } }),
];
const missed = (stand: string) => [fault(stand, 'end', { error: 'did not come by' })];
const all = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => met(`s${from + index}`)).flat();

describe('coverage of a sweep', () => {
  test('every chosen stand met is valid, and says n of N', () => {
    const { verdict, sweep } = swept(2, all(1, 2), 7);
    expect(verdict).toBe('valid');
    expect(sweep).toMatchObject({ chosen: 2, met: 2, known: 7, unstable: 0, unreached: 0 });
  });

  test('a serialised stand is met', () => {
    expect(swept(1, met('s1', 'serialised'))).toMatchObject({
      verdict: 'valid',
      sweep: { met: 1, serialised: 1 },
    });
  });

  test('one that was not reached leaves it unknown, whatever the run event says was chosen', () => {
    const { verdict, reasons } = swept(3, all(1, 2));
    expect(verdict).toBe('unknown');
    expect(reasons.join()).toContain('before 1 of 3 chosen stands');
  });

  test('a stand that began and never ended is not met', () => {
    expect(swept(1, [fault('s1', 'start')])).toMatchObject({ verdict: 'unknown', sweep: { met: 0 } });
  });

  test('the first of two disturbances does not count as the stand', () => {
    const first = fault('s1', 'end', { detail: { part: 'after', outcome: 'held' } });
    expect(swept(1, [first]).verdict).toBe('unknown');
  });

  test('one in ten unstable is listed and valid, two in ten are unknown', () => {
    const one = swept(10, [...all(1, 9), ...missed('s10')]);
    expect(one).toMatchObject({ verdict: 'valid', sweep: { unstable: 1, met: 9 } });
    const two = swept(10, [...all(1, 8), ...missed('s9'), ...missed('s10')]);
    expect(two).toMatchObject({ verdict: 'unknown', sweep: { unstable: 2 } });
  });

  test('no stand at all proves nothing', () => {
    expect(swept(0).verdict).toBe('unknown');
  });

  test('a run that is no sweep has none of it', () => {
    expect(judged(drawHistory().events()).sweep).toBeUndefined();
  });
});

describe('process-death', () => {
  const died = (faults: readonly Partial<FaultEvent>[], service = true) => {
    const history = drawHistory({ ...(service && { service: 1 }) });
    for (const [index, one] of faults.entries()) {
      const base = {
        type: 'fault',
        id: `f${index}`,
        phase: 'start',
        target: 'replica-1',
        detail: {},
      } as const;
      history.add({ ...base, kind: 'server', name: 'exit', ...one, at: history.tick() });
    }
    return judged(history.events()).violations.map(({ rule }) => rule);
  };
  const exit = { name: 'exit', kind: 'server', detail: { code: 1, signal: null, log: 'boom' } } as const;
  const cut = { name: 'cut-before', kind: 'store', target: 'db' } as const;

  test('a process that ends by itself while its store is cut off is one', () => {
    expect(died([cut, exit])).toEqual(['process-death']);
  });

  test('a process that we killed is none', () => {
    expect(died([{ name: 'kill', kind: 'server' }, exit])).toEqual([]);
  });

  test('a process that falls right after we let it go on is none', () => {
    const pause = { name: 'pause', kind: 'server', id: 'p' } as const;
    expect(died([pause, { ...pause, phase: 'end' }, exit])).toEqual([]);
  });

  test('that another replica was killed excuses nothing', () => {
    expect(died([{ name: 'kill', kind: 'server', target: 'replica-2' }, exit])).toEqual(['process-death']);
  });

  test('what somebody else killed is none, what aborted itself is one', () => {
    expect(died([cut, { ...exit, detail: { code: null, signal: 'SIGKILL' } }])).toEqual([]);
    expect(died([cut, { ...exit, detail: { code: null, signal: 'SIGABRT' } }])).toEqual(['process-death']);
  });

  test('without a service it is unjudged', () => {
    expect(died([cut, exit], false)).toEqual([]);
    const rules = ({ unjudged }: ReturnType<typeof swept>) => unjudged.map(({ rule }) => rule);
    expect(rules(swept(1, all(1, 1)))).toContain('process-death');
    expect(rules(judged(drawHistory({ service: 1 }).events()))).not.toContain('process-death');
    expect(rules(judged(drawHistory().events()))).toContain('process-death');
  });
});
