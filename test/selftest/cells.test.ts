/** The catalogue as the server program hands it over, and the cells that are made of it. */

import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { programArguments } from '../../harness/base/program.ts';
import { RULES } from '../../harness/model/verdict.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { catalogueOf } from '../../harness/selftest/catalogue.ts';
import { cellName, cellsOf, type Asked } from '../../harness/selftest/cells.ts';

const program = programArguments('reference-server/main');
const listed = spawnSync(program.command, [...program.args, '--list-defects'], { encoding: 'utf8' }).stdout;

describe('the catalogue', () => {
  test('is read whole, and names rules and scenarios that exist', () => {
    const defects = catalogueOf(listed);
    expect(defects.length).toBe((JSON.parse(listed) as unknown[]).length);
    expect(defects.length).toBeGreaterThan(10);
    const unknown = defects.flatMap(({ rules }) =>
      rules.filter((rule) => !RULES.some((one) => one === rule)),
    );
    expect(unknown).toEqual([]);
    const strange = defects.filter(
      ({ way: { kind, scenario } }) => kind === 'run' && !SCENARIOS.some((one) => one === scenario),
    );
    expect(strange.map(({ name }) => name)).toEqual([]);
  });

  const one = { name: 'd', description: 't', rules: ['stuck'], way: { kind: 'sweep' } };
  test.each([
    ['no list', {}],
    ['nothing', []],
    ['no name', [{ ...one, name: undefined }]],
    ['no rule', [{ ...one, rules: [] }]],
    ['no way', [{ ...one, way: undefined }]],
    ['a run without a scenario', [{ ...one, way: { kind: 'run', faults: 'none' } }]],
    ['a store that there is not', [{ ...one, way: { kind: 'sweep', store: 'mysql' } }]],
  ])('with %s is refused', (_name, value) => {
    expect(() => catalogueOf(JSON.stringify(value))).toThrow(/list of defects cannot be read/);
  });

  test('what a way leaves out is as usual', () => {
    expect(catalogueOf(JSON.stringify([one]))[0]?.way).toEqual({
      ...{ kind: 'sweep', store: 'memory', replicas: 2, profile: 'seed' },
    });
  });
});

describe('the cells', () => {
  const defects = catalogueOf(
    JSON.stringify([
      {
        name: 'a',
        description: 't',
        rules: ['stuck'],
        way: { kind: 'run', scenario: 'near-zero', faults: 'none' },
      },
      {
        name: 'b',
        description: 't',
        rules: ['stuck'],
        way: { kind: 'run', scenario: 'near-zero', faults: 'none' },
      },
      { name: 'c', description: 't', rules: ['stuck'], way: { kind: 'sweep', profile: 'ietf' } },
    ]),
  );
  const asked: Asked = {
    defects,
    seeds: [1, 2],
    isWhole: false,
    scenarios: SCENARIOS,
    profiles: ['seed', 'ietf'],
    hasRedis: false,
  };

  test('are each defect on its own way and the right server once on each of these, seed by seed', () => {
    expect(cellsOf(asked).map(cellName)).toEqual(
      [1, 2].flatMap((seed) => [
        `a | near-zero none | ${seed}`,
        `b | near-zero none | ${seed}`,
        `c | sweep ietf | ${seed}`,
        `right | near-zero none | ${seed}`,
        `right | sweep ietf | ${seed}`,
      ]),
    );
  });

  test('are on other ways where these are asked for', () => {
    const ways = [{ scenario: 'double-click', faults: 'light' }] as const;
    expect(cellsOf({ ...asked, seeds: [1], ways }).map(cellName)).toEqual([
      'a | double-click light | 1',
      'b | double-click light | 1',
      'c | double-click light ietf | 1',
      'right | double-click light | 1',
      'right | double-click light ietf | 1',
    ]);
  });

  test('of everything hold each scenario and a sweep for each defect, and the right server under each profile', () => {
    const names = cellsOf({ ...asked, isWhole: true }).map(cellName);
    expect(new Set(names).size).toBe(names.length);
    // What says most comes first.
    expect(names.slice(0, 10)).toEqual(cellsOf(asked).map(cellName));
    for (const scenario of SCENARIOS.filter((name) => name !== 'soak'))
      expect(names).toContain(`a | ${scenario} light | 2`);
    expect(names).toContain('a | sweep | 1');
    expect(names).toContain('right | key-expiry light ietf | 2');
  });
});
