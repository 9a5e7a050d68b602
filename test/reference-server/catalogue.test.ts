/** The catalogue as data: every class of bugs has its edition, or a reason why a server of this kind cannot have it. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SCHEDULES } from '../../harness/faults/profiles.ts';
import { PLAYED_PROFILES } from '../../harness/model/contract.ts';
import { RULES } from '../../harness/model/verdict.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { DEFECTS, defectCatalogue } from '../../reference-server/defects/index.ts';

const CLASS_COUNT = 73;
const text = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/bug-classes.md'), 'utf8');
const [, table = ''] = text.split('## The wrong edition of each');
const rows = [...table.matchAll(/^\| (\d+) +\| (.+?) +\| (.*?) +\| (.+?) +\|$/gm)].map(
  ([, number, edition = '', rule = '', way = '']) => ({ number: Number(number), edition, rule, way }),
);

test('every class has an edition, or a reason why none can be', () => {
  const numbers = new Set(rows.map(({ number }) => number));
  expect([...numbers]).toEqual(Array.from({ length: CLASS_COUNT }, (_, index) => index + 1));
  for (const { edition, way } of rows) if (edition === 'none') expect(way.length).toBeGreaterThan(20);
});

test('the table says what the catalogue says', () => {
  const told = rows
    .filter(({ edition }) => edition !== 'none')
    .map(({ number, edition, rule }) => `${number} ${edition} ${rule}`);
  const listed = DEFECTS.flatMap(({ name, rules, bugClasses }) =>
    bugClasses.map((number) => `${number} \`${name}\` \`${rules[0]}\``),
  );
  expect(told.toSorted()).toEqual(listed.toSorted());
});

describe.each(defectCatalogue())('$name', ({ name, description, reason, rules, bugClasses, way }) => {
  test('is described by words, rules and a way that exist', () => {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(description).not.toMatch(/\.$/);
    expect(reason).toMatch(/[.?]$/);
    expect(RULES).toEqual(expect.arrayContaining([...rules]));
    expect(bugClasses.every((number) => number >= 1 && number <= CLASS_COUNT)).toBe(true);
    if (way.profile !== undefined) expect(PLAYED_PROFILES).toContain(way.profile);
    if (way.kind === 'sweep') return;
    expect(SCENARIOS).toContain(way.scenario);
    expect(SCHEDULES).toContain(way.faults);
  });
});

test('no two have one name', () => {
  expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length);
});

test('docs/detection.md tells of each on ten seeds, and of no false alarm', () => {
  const told = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/detection.md'), 'utf8');
  const [, editions = ''] = told.split('## Wrong editions');
  const caught = [...editions.matchAll(/^\| [✓✗?] \| `([a-z0-9-]+)` \|.*?\| (\d+) of 10 \|/gm)];
  expect(caught.map(([, name = '']) => name).toSorted()).toEqual(DEFECTS.map(({ name }) => name).toSorted());
  for (const [, name, seeds] of caught) expect(Number(seeds), name).toBeGreaterThanOrEqual(9);
  expect(told).toContain('no false alarm');
});
