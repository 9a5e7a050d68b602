/** Cells become a matrix: what counts as caught, missed, a false alarm and undecided. Cells are drawn. */

import { describe, expect, test } from 'vitest';
import type { CellNotRun, CellResult, DefectFacts, Way } from '../../harness/model/detection.ts';
import { matrixOf, median } from '../../harness/selftest/matrix.ts';

const WAY: Way = {
  kind: 'run',
  scenario: 'double-click',
  faults: 'none',
  store: 'memory',
  replicas: 2,
  profile: 'seed',
};
const OTHER: Way = { ...WAY, scenario: 'key-reuse' };
const DEFECT: DefectFacts = {
  name: 'd',
  description: 'does it twice',
  rules: ['double-debit', 'same-answer'],
  bugClasses: [1],
  needs: [],
  way: WAY,
};

function cell(seed: number, over: Partial<CellResult> = {}): CellResult {
  return {
    subject: 'd',
    way: WAY,
    seed,
    verdict: 'invalid',
    rules: ['double-debit'],
    caughtBy: 'double-debit',
    requests: 10 * seed,
    seconds: seed,
    tookSeconds: seed,
    ...over,
  };
}

function uncaught(seed: number, over: Partial<CellResult> = {}): CellResult {
  const { caughtBy: _, ...rest } = cell(seed, { verdict: 'valid', rules: [], ...over });
  return rest;
}

const right = (seed: number, verdict: CellResult['verdict'] = 'valid') =>
  uncaught(seed, { subject: 'right', verdict });
const notRun = (over: Partial<CellNotRun> = {}): CellNotRun => ({
  ...{ subject: 'd', way: WAY, seed: 1, why: 'the time was over', hasFailed: false },
  ...over,
});
const seeds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('what a matrix comes to', () => {
  test('nine of ten seeds are caught, eight are missed', () => {
    const nine = [...seeds(1, 9).map((seed) => cell(seed)), uncaught(10), right(1)];
    expect(matrixOf([DEFECT], nine, [])).toMatchObject({
      result: 'caught',
      rows: [{ state: 'caught', caught: 9, seeds: 10 }],
    });
    const eight = [...seeds(1, 8).map((seed) => cell(seed)), uncaught(9), uncaught(10), right(1)];
    expect(matrixOf([DEFECT], eight, [])).toMatchObject({
      result: 'missed',
      rows: [{ state: 'missed', caught: 8, seeds: 10 }],
    });
  });

  test('a rule that the defect does not name catches nothing', () => {
    const otherwise = uncaught(1, { verdict: 'invalid', rules: ['stuck'] });
    const { result, rows } = matrixOf([DEFECT], [otherwise, right(1)], []);
    expect([result, rows[0]?.state, rows[0]?.otherRules]).toEqual(['missed', 'missed', ['stuck']]);
  });

  test('one way that catches it is enough; the one with the fewest requests is the cheapest', () => {
    const cells = [uncaught(1), cell(1, { way: OTHER, requests: 7 }), right(1)];
    const [row] = matrixOf([DEFECT], cells, []).rows;
    expect(row).toMatchObject({ state: 'caught', caught: 1, seeds: 1, cheapest: { requests: 7 } });
    expect(row?.cheapest?.way).toBe('key-reuse none');
  });

  test('an invalid run of the right server is a false alarm, whatever was caught', () => {
    const {
      result,
      alarms,
      right: figures,
    } = matrixOf([DEFECT], [cell(1), right(1, 'invalid'), right(2)], []);
    expect(result).toBe('missed');
    expect(alarms.map(({ seed }) => seed)).toEqual([1]);
    expect(figures).toMatchObject([{ runs: 2, valid: 1, alarms: 1, unknown: 0 }]);
  });

  test('an unknown run of the right server is neither right nor a false alarm', () => {
    expect(matrixOf([DEFECT], [cell(1), right(1, 'unknown')], []).result).toBe('undecided');
  });

  test('what was not run is not missed, and not caught', () => {
    expect(matrixOf([DEFECT], [right(1)], [notRun()])).toMatchObject({
      result: 'undecided',
      rows: [{ state: 'undecided', caught: 0, seeds: 1 }],
    });
    // One way was looked at in vain, another was left out: it could have caught it.
    const half = matrixOf([DEFECT], [uncaught(1), right(1)], [notRun({ way: OTHER })]);
    expect(half.rows[0]?.state).toBe('undecided');
    // A miss on one of two seeds is one, whatever was left out on the other.
    const missed = matrixOf([DEFECT], [uncaught(1), right(1)], [notRun({ seed: 2 })]);
    expect(missed.result).toBe('missed');
  });

  test('an unknown verdict passes nothing: it is no miss, and no catch', () => {
    const thin = uncaught(1, { verdict: 'unknown' });
    expect(matrixOf([DEFECT], [thin, right(1)], [])).toMatchObject({
      result: 'undecided',
      rows: [{ state: 'undecided', caught: 0, seeds: 1 }],
    });
    const nine = [thin, ...seeds(2, 10).map((seed) => cell(seed)), right(1)];
    expect(matrixOf([DEFECT], nine, []).rows[0]).toMatchObject({ state: 'caught', caught: 9, seeds: 10 });
    const eight = [thin, uncaught(2), ...seeds(3, 10).map((seed) => cell(seed)), right(1)];
    expect(matrixOf([DEFECT], eight, []).rows[0]).toMatchObject({ state: 'undecided', caught: 8 });
    const seven = [thin, uncaught(2), uncaught(3), ...seeds(4, 10).map((seed) => cell(seed)), right(1)];
    expect(matrixOf([DEFECT], seven, []).rows[0]).toMatchObject({ state: 'missed', caught: 7 });
  });

  test('a cell that the harness could not carry through says so before all', () => {
    const failed = notRun({ hasFailed: true, why: 'a worker ended' });
    expect(matrixOf([DEFECT], [uncaught(1), right(1, 'invalid')], [failed]).result).toBe('failed');
  });

  test('without a defect nothing was proved', () => {
    expect(matrixOf([], [right(1)], []).result).toBe('undecided');
  });

  test.each([
    [[], undefined],
    [[3], 3],
    [[4, 1], 1],
    [[9, 1, 5], 5],
  ])('the median of %j is %s', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
