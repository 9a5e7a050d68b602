/** The right endpoint, and the catalogues of liars and twins, held to what they say. */

import { describe, expect, test } from 'vitest';
import { RULES } from '../../harness/model/verdict.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { LIARS } from '../../reference-server/liars/index.ts';
import { HOUR_MS, IS_SAMPLE, SEED, SEED_TOLD, toldOfTwin } from './asked.ts';
import { READABLES } from './readable.ts';
import { placesOf } from './sample.ts';
import { seededRuns } from './seeded.ts';
import { judgeTwins, twinCells } from './twins.ts';
import { TWINS } from './twins/index.ts';
import { UNKNOWABLE } from './unknowable.ts';

/** Of a sample every profile, shape of config and scenario once. */
const RUNS = Number(process.env['ONCEPROOF_TRUST_RUNS'] ?? (IS_SAMPLE ? '21' : '200'));

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
    LIARS.forEach((_, index) => {
      const places = placesOf(index, true, SEED);
      expect(places.map(({ readable }) => readable)).toEqual([...READABLES]);
      for (const { readable, profile } of places) pairs.add(`${readable} ${profile}`);
    });
    expect(pairs.size).toBe(READABLES.length * 3);
  });
});

test(
  `the right endpoint is valid in every shape of a config, ${SEED_TOLD}`,
  async () => {
    const right = TWINS.filter(({ name }) => name === 'right');
    const judged = await judgeTwins(twinCells(right, true, SEED), SEED);
    expect(judged.map((cell) => toldOfTwin(cell)).filter((text) => !text.startsWith('valid'))).toEqual([]);
  },
  HOUR_MS,
);

test(
  `no seeded run of the right endpoint is invalid, ${SEED_TOLD}`,
  async () => {
    const runs = await seededRuns(RUNS, SEED);
    const wrong = runs.filter(({ judged }) => judged.verdict === 'invalid');
    expect(wrong.map((run) => [run.seed, run.readable, run.profile, run.scenario, run.judged.why])).toEqual(
      [],
    );
  },
  HOUR_MS,
);
