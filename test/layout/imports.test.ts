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
      ...['contract', 'decide', 'outcome', 'protocol', 'target'].map((name) => `harness/model/${name}.ts`),
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

  test('only the two programs read the arguments, or end the process', () => {
    const programs = ['harness/cli.ts', 'reference-server/main.ts'];
    const readers = ['harness', 'reference-server']
      .flatMap(sources)
      .filter((file) => !programs.includes(file))
      .filter((file) => /process\.(argv|exit\()/.test(readFileSync(join(root, file), 'utf8')));
    expect(readers).toEqual([]);
  });
});
