/**
 * Liars are never valid and twins never invalid. Behind ONCEPROOF_TRUST: `sample` holds every pair, `whole` every cell
 * (npm run prove). The catalogues themselves are always held to what they say.
 */

import { describe, expect, test } from 'vitest';
import { RULES } from '../../harness/model/verdict.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { LIARS } from '../../reference-server/liars/index.ts';
import { judgeLiars, liarCells } from './liars.ts';
import { READABLES, readsEffects } from './readable.ts';
import { placesOf } from './sample.ts';
import { seededRuns } from './seeded.ts';
import { judgeTwins, twinCells } from './twins.ts';
import { TWINS } from './twins/index.ts';
import { UNKNOWABLE, unknowable } from './unknowable.ts';

const asked = process.env['ONCEPROOF_TRUST'];
const isSample = asked !== 'whole';
const seed = Number(process.env['ONCEPROOF_TRUST_SEED'] ?? '1');
const RUNS = Number(process.env['ONCEPROOF_TRUST_RUNS'] ?? '200');
const HOUR_MS = 3_600_000;

describe('the catalogues', () => {
  test('there are at least thirty liars and twenty twins, each with a name of its own', () => {
    const names = [...LIARS, ...TWINS].map(({ name }) => name);
    expect(LIARS.length).toBeGreaterThanOrEqual(30);
    expect(TWINS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(LIARS.map((liar) => [liar.name, liar] as const))(
    '%s names rules and scenarios that exist',
    (_, liar) => {
      for (const rule of liar.rules) expect(RULES).toContain(rule);
      for (const scenario of liar.scenarios) expect(SCENARIOS).toContain(scenario);
    },
  );

  test('what nobody could know is about liars that exist, and never about all that can be read', () => {
    for (const { liar, readables } of UNKNOWABLE) {
      expect(LIARS.map(({ name }) => name)).toContain(liar);
      expect(readables).not.toContain('ledger + list + balance');
    }
  });

  test('a sample holds each pair of liar and readable, and of readable and profile', () => {
    const pairs = new Set<string>();
    LIARS.forEach((liar, index) => {
      const places = placesOf(index, true);
      expect(places.map(({ readable }) => readable)).toEqual([...READABLES]);
      for (const { readable, profile } of places) pairs.add(`${readable} ${profile}`);
    });
    expect(pairs.size).toBe(READABLES.length * 3);
  });
});

test(
  'the right endpoint is valid in every shape of a config',
  async () => {
    const right = TWINS.filter(({ name }) => name === 'right');
    const judged = await judgeTwins(twinCells(right, true), seed);
    expect(judged.map(told).filter((text) => !text.startsWith('valid'))).toEqual([]);
  },
  HOUR_MS,
);

describe.skipIf(asked === undefined)('liars, twins and seeded runs (ONCEPROOF_TRUST)', () => {
  test(
    'no liar is valid where somebody could know, and nine cells of ten with ledger or list are invalid',
    async () => {
      const judged = await judgeLiars(liarCells(LIARS, isSample), seed);
      const knowable = judged.filter(({ liar, readable }) => unknowable(liar.name, readable) === undefined);
      const missed = knowable.filter((cell) => cell.judged.verdict === 'valid');
      expect(missed.map(({ liar, readable, profile }) => `${liar.name} | ${readable} | ${profile}`)).toEqual(
        [],
      );
      const readable = knowable.filter((cell) => readsEffects(cell.readable));
      const invalid = readable.filter((cell) => cell.judged.verdict === 'invalid');
      expect(invalid.length / readable.length).toBeGreaterThanOrEqual(0.9);
    },
    HOUR_MS,
  );

  test(
    'no twin is invalid, and one cell of twenty at most is unknown',
    async () => {
      const judged = await judgeTwins(twinCells(TWINS, isSample), seed);
      const texts = judged.map(told);
      expect(texts.filter((text) => text.startsWith('invalid'))).toEqual([]);
      expect(texts.filter((text) => text.startsWith('unknown')).length / texts.length).toBeLessThanOrEqual(
        0.05,
      );
    },
    HOUR_MS,
  );

  test(
    'no seeded run of the right endpoint is invalid',
    async () => {
      const runs = await seededRuns(isSample ? 12 : RUNS, seed);
      const wrong = runs.filter(({ judged }) => judged.verdict === 'invalid');
      expect(wrong.map((run) => [run.seed, run.readable, run.profile, run.scenario, run.judged.why])).toEqual(
        [],
      );
    },
    HOUR_MS,
  );
});

function told({
  twin,
  readable,
  profile,
  scenario,
  faults,
  judged,
}: Awaited<ReturnType<typeof judgeTwins>>[number]): string {
  return [
    judged.verdict,
    twin.name,
    readable,
    profile,
    scenario,
    faults,
    judged.rules.join(','),
    judged.why,
  ].join(' | ');
}
