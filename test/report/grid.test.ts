import { expect, test } from 'vitest';
import { gridHtml } from '../../harness/report/grid-html.ts';
import { gridLines } from '../../harness/report/grid-terminal.ts';
import type { SweepSummary } from '../../harness/model/verdict.ts';

const spot = (k: number, name: string) => ({ door: 'db', k, name });
const stand = (id: string, kind: 'cut-before' | 'same-key', k: number, name: string) =>
  ({ id, kind, way: 'fresh', door: 'db', k, name }) as const;
const SWEEP: SweepSummary = {
  depth: 1,
  chosen: 4,
  known: 9,
  met: 3,
  serialised: 1,
  unstable: 1,
  unreached: 0,
  stands: [
    { ...stand('s1', 'cut-before', 1, 'begin'), state: 'held' },
    { ...stand('s2', 'cut-before', 2, '<update>'), state: 'held', broken: ['double-debit'] },
    { ...stand('s3', 'same-key', 1, 'begin'), state: 'unstable' },
    { ...stand('s4', 'same-key', 2, '<update>'), state: 'serialised' },
  ],
  ways: [
    { way: 'fresh', messages: [spot(1, 'begin'), spot(2, '<update>')], uncounted: 0 },
    { way: 'replay', messages: [spot(1, 'begin')], uncounted: 0 },
  ],
  left: [{ kind: 'paused', why: 'no process of ours' }],
};

test('a row is a message, a column a kind; what was broken is marked as such', () => {
  expect(gridLines(SWEEP, (_format, text) => text, 80)).toEqual([
    'Stands  3 of 9 known stands, 1 of them serialised, 1 unstable',
    '                  a b',
    '  a first use of a key',
    '  1 db: begin     ● ○',
    '  2 db: <update>  ✗ ◐',
    '',
    '  ● held: stood there, and no rule was broken',
    '  ◐ serialised: the other request waited for the first',
    '  ○ not met in three tries',
    '  ✗ broken: a rule was violated',
    '  a cut before · b same key',
    '  no paused: no process of ours',
  ]);
});

test('on the page each cell leads to its schedule, and nothing of a statement is markup', () => {
  const { text } = gridHtml(SWEEP);
  expect(text).toContain('href="#stand-s2"');
  expect(text).toContain('broken: double-debit');
  expect(text).toContain('&lt;update&gt;');
  expect(text).not.toContain('<update>');
});
