import { expect, test } from 'vitest';
import { readStandName, standName, type SweepKind } from '../../harness/model/stand.ts';
import { chooseStands, type SweepQuestion } from '../../harness/plan/sweep.ts';

const spot = (k: number) => ({ door: 'db', k, name: `message ${k}` });
const question = (more: Partial<SweepQuestion> = {}): SweepQuestion => ({
  depth: 1,
  ways: [
    { way: 'fresh', messages: [spot(1), spot(2)], uncounted: 0 },
    { way: 'replay', messages: [spot(1)], uncounted: 3 },
  ],
  recoveries: [
    { after: { ...spot(1), kind: 'cut-after' }, messages: [spot(1)] },
    { after: { ...spot(2), kind: 'cut-after' }, messages: [spot(1), spot(2)] },
  ],
  missing: new Map<SweepKind, string>(),
  ...more,
});
const shown = (facts: ReturnType<typeof chooseStands>) =>
  facts.stands.map(({ id, kind, way, k }) => `${id} ${kind} ${way} ${k}`);

test('all messages of the best kind come before those of the next, the last one first', () => {
  expect(shown(chooseStands(question())).slice(0, 5)).toEqual([
    's1 same-key-elsewhere fresh 2',
    's2 same-key-elsewhere fresh 1',
    's3 cut-before fresh 2',
    's4 cut-before fresh 1',
    's5 same-key fresh 2',
  ]);
});

test('the whole is 15 kinds at each message of a first use, 4 at the longest retry, 3 at any other way', () => {
  const { stands, known } = chooseStands(question());
  expect(known).toBe(15 * 2 + 4 * 2 + 3 * 1);
  expect(stands).toHaveLength(known);
});

test('depth 2 stands at the retry after each first disturbance', () => {
  expect(chooseStands(question({ depth: 2 })).known).toBe(15 * 2 + 4 * (1 + 2) + 3);
});

test('a budget takes the first that fit, and says how many there are', () => {
  const { stands, known } = chooseStands(question({ budgetMs: 450 }));
  expect([stands.length, known]).toEqual([3, 41]);
});

test('the smallest budget takes one, and never none', () => {
  expect(chooseStands(question({ budgetMs: 1 })).stands).toHaveLength(1);
});

test('a kind that cannot be had is told with its reason, and not known', () => {
  const facts = chooseStands(question({ missing: new Map([['paused', 'no process of ours']]) }));
  expect(facts.left).toEqual([{ kind: 'paused', why: 'no process of ours' }]);
  expect(facts.stands.some(({ kind }) => kind === 'paused')).toBe(false);
});

test('one stand alone is taken by its name, and one that is not there is refused with those that are', () => {
  const only = [{ kind: 'cut-before', door: 'db', k: 2, way: 'fresh' }] as const;
  expect(shown(chooseStands(question({ only })))).toEqual(['s1 cut-before fresh 2']);
  const none = [{ ...only[0], k: 3 }];
  expect(() => chooseStands(question({ only: none }))).toThrow(/db:1 \(message 1\), db:2/);
});

test('every stand of depth 2 is found again by its name, alone', () => {
  const { stands } = chooseStands(question({ depth: 2 }));
  for (const stand of stands) {
    const { stands: again } = chooseStands(question({ only: [askedStand(standName(stand))] }));
    expect(again).toEqual([{ ...stand, id: 's1' }]);
  }
});

test('several are taken in the order of the whole, and one that is missing among them is refused', () => {
  const only = ['cut-before@db:1/replay', 'same-key@db:2'].map(askedStand);
  expect(shown(chooseStands(question({ only })))).toEqual(['s1 same-key fresh 2', 's2 cut-before replay 1']);
  const withNone = [...only, askedStand('cut-before@db:2/replay')];
  expect(() => chooseStands(question({ only: withNone }))).toThrow(/cut-before@db:2\/replay/);
});

test.each([
  'cut@db:1',
  'cut-before@db',
  'cut-before@db:0',
  'cut-before@db:1/twice',
  'cut-before@db:1/recovery',
])('what is no stand is none: %s', (text) => expect(readStandName(text)).toBeUndefined());

function askedStand(text: string) {
  const asked = readStandName(text);
  if (asked === undefined) throw new Error(`no stand: ${text}`);
  return asked;
}
