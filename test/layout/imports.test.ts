import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Every import of a source file, with relative ones resolved from the project's folder. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found: Import[] = [];
  const pattern =
    /^\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|^\s*import\s+'([^']+)'/gm;
  for (const [, typeOnly, named, dynamic, bare] of text.matchAll(pattern)) {
    const name = named ?? dynamic ?? bare ?? '';
    const to = name.startsWith('.') ? relative(root, resolve(dirname(join(root, file)), name)) : name;
    found.push({ from: file, to, typeOnly: typeOnly !== undefined });
  }
  return found;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

const importsIn = (folder: string) => sources(folder).flatMap(importsOf);
const shown = (imports: Import[]) => imports.map(({ from, to }) => `${from} -> ${to}`);

/** The rooms of the harness by floor, from the ground. Nobody imports from a floor above the own. */
const FLOORS: readonly (readonly string[])[] = [
  ['base', 'model'],
  ['history', 'proxy'],
  ['config', 'audit', 'checker'],
  ['engine', 'environment'],
  ['faults'],
  ['plan'],
  ['sweep', 'preflight', 'describe', 'probe', 'selftest'],
  ['report'],
  ['runs'],
  ['commands'],
  ['library'],
  ['cli.ts'],
];
/** Lie loose: the command line, and the package's public face, which only hands on. */
const LOOSE = ['cli.ts', 'index.ts'];

/** The room of a file of the harness, or the file itself where it lies loose. */
const roomOf = (file: string): string => file.split('/')[1] ?? '';
const floorOf = (file: string): number =>
  roomOf(file) === 'index.ts' ? FLOORS.length : FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));

/** Circles among names: each group of which every member reaches every other (Tarjan, 1972). */
function circles(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (name: string): number => {
    const number = numbers.size;
    numbers.set(name, number);
    let low = number;
    open.push(name);
    for (const next of arrows.get(name) ?? []) {
      if (!numbers.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, lowest.get(next) ?? numbers.get(next) ?? low);
    }
    lowest.set(name, low);
    if (low === number) {
      const group = open.splice(open.indexOf(name));
      if (group.length > 1) found.push(group.toSorted());
    }
    return low;
  };
  for (const name of arrows.keys()) if (!numbers.has(name)) visit(name);
  return found;
}

function arrowsOf(imports: readonly Import[], nameOf: (file: string) => string): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [name, next] = [nameOf(from), nameOf(to)];
    if (name !== next) arrows.set(name, (arrows.get(name) ?? new Set<string>()).add(next));
  }
  return arrows;
}

const own = (imports: readonly Import[]) => imports.filter(({ to }) => to.startsWith('harness/'));

describe('the house', () => {
  test('the finder of circles finds them, and no more', () => {
    const drawn = (...pairs: readonly string[]) =>
      circles(
        arrowsOf(
          pairs.map((pair) => ({ from: pair[0] ?? '', to: pair[1] ?? '', typeOnly: false })),
          (name) => name,
        ),
      );
    expect(drawn('ab', 'bc', 'ac')).toEqual([]);
    expect(drawn('ab', 'ba')).toEqual([['a', 'b']]);
    expect(drawn('ab', 'bc', 'ca', 'cd', 'de', 'ed')).toEqual([
      ['d', 'e'],
      ['a', 'b', 'c'],
    ]);
  });

  test('every file has a room with a floor; only the command line and the public face lie loose', () => {
    const entries = readdirSync(join(root, 'harness'));
    expect(entries.filter((name) => name.endsWith('.ts')).toSorted()).toEqual(LOOSE);
    const rooms = [...new Set(sources('harness').map(roomOf))].filter((name) => !name.includes('.'));
    const planned = FLOORS.flat().filter((room) => !room.includes('.'));
    expect(rooms.toSorted()).toEqual(planned.toSorted());
  });

  test('nobody imports from a floor above', () => {
    const upwards = own(importsIn('harness')).filter(({ from, to }) => floorOf(to) > floorOf(from));
    expect(shown(upwards)).toEqual([]);
  });

  test('no circle of files anywhere, types counted, and none of rooms', () => {
    const files = ['harness', 'reference-server', 'scenarios'].flatMap(importsIn);
    expect(circles(arrowsOf(files, (file) => file))).toEqual([]);
    expect(circles(arrowsOf(own(importsIn('harness')), roomOf))).toEqual([]);
  });

  test('a folder of tests is named for a room, or for what has no room in the harness', () => {
    const others = [
      ...['reference-server', 'scenarios', 'examples', 'deploy', 'package', 'readme', 'layout'],
      // What crosses rooms, and what tests share.
      ...['end-to-end', 'trust', 'hostile', 'histories', 'support'],
    ];
    const known = [...FLOORS.flat(), ...others];
    const folders = new Set(sources('test').map(roomOf));
    expect([...folders].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('the library imports no flag parser', () => {
    const parsers = importsIn('harness').filter(({ to }) => to === 'commander');
    const rooms = new Set(parsers.map(({ from }) => roomOf(from)));
    expect([...rooms].toSorted()).toEqual(['commands']);
  });
});

describe('who may import whom', () => {
  test('the reader of imports sees static, dynamic, type and re-exported ones', () => {
    const own = importsOf('test/layout/imports.test.ts');
    expect(own.map(({ to }) => to)).toEqual(['node:fs', 'node:path', 'vitest']);
    expect(importsIn('harness').length).toBeGreaterThan(50);
  });

  test('the harness never imports the reference server', () => {
    expect(shown(importsIn('harness').filter(({ to }) => to.startsWith('reference-server')))).toEqual([]);
  });

  test('the reference server takes only contract and protocol from the harness', () => {
    const allowed = ['harness/model/contract.ts', 'harness/model/protocol.ts'];
    const wrong = importsIn('reference-server').filter(
      ({ to }) => to.startsWith('harness') && !allowed.includes(to),
    );
    expect(shown(wrong)).toEqual([]);
  });

  test('the checker imports no engine, proxy, environment or server code', () => {
    const wrong = importsIn('harness/checker').filter(({ to }) =>
      /^(harness\/(engine|faults|proxy|environment|report|runs|commands|cli|audit)|reference-server)/.test(
        to,
      ),
    );
    expect(shown(wrong)).toEqual([]);
  });

  test('scenarios import only k6, their own lib and dependency-free files of the harness', () => {
    const free = [
      'harness/history/events.ts',
      ...[
        'amounts',
        'calls',
        'common-clock',
        'contract',
        'decide',
        'final-answer',
        'local-url',
        'json',
        'outcome',
        'paging',
        'other-payload',
        'protocol',
        'read-answer',
        'redeem-request',
        'target',
        'trace',
        'wire',
      ].map((name) => `harness/model/${name}.ts`),
    ];
    const wrong = importsIn('scenarios').filter(
      ({ to, typeOnly }) =>
        !typeOnly &&
        to !== 'k6' &&
        !to.startsWith('k6/') &&
        !to.startsWith('scenarios/') &&
        !free.includes(to),
    );
    expect(shown(wrong)).toEqual([]);
    const dependent = free.flatMap(importsOf).filter(({ to, typeOnly }) => !typeOnly && !free.includes(to));
    expect(shown(dependent)).toEqual([]);
  });

  test('nobody imports the command line, the tests or the properties', () => {
    const product = ['harness', 'reference-server', 'scenarios'].flatMap(importsIn);
    const wrong = product.filter(({ to }) => to === 'harness/cli.ts' || /^(test|properties)\//.test(to));
    expect(shown(wrong)).toEqual([]);
  });

  test('only the programs read the arguments, or end the process', () => {
    const programs = ['harness/cli.ts', 'harness/runs/selftest-worker.ts', 'reference-server/main.ts'];
    const readers = ['harness', 'reference-server']
      .flatMap(sources)
      .filter((file) => !programs.includes(file))
      .filter((file) => /process\.(argv|exit\()/.test(readFileSync(join(root, file), 'utf8')));
    expect(readers).toEqual([]);
  });
});
