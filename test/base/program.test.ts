import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findProgram, packageRoot, programArguments } from '../../harness/base/program.ts';

let dir: string;
const path = process.env['PATH'];
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'op-test-'));
});
afterEach(() => {
  process.env['PATH'] = path;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("the package's root is the folder of its package.json", () => {
  expect(packageRoot()).toBe(join(import.meta.dirname, '../..'));
});

test('from the sources a program is started through tsx, by whole paths', () => {
  const { command, args } = programArguments('reference-server/main');
  expect(command).toBe(process.execPath);
  expect(args).toEqual([
    '--import',
    expect.stringMatching(/^file:\/\/.*tsx/),
    join(packageRoot(), 'reference-server/main.ts'),
  ]);
});

test('a program that is not there is an error that names it', () => {
  expect(() => programArguments('reference-server/nothing')).toThrow('the program reference-server/nothing');
});

test('a program is found on the PATH, in its order, only when it may be run', () => {
  for (const name of ['first', 'second', 'third']) mkdirSync(join(dir, name));
  mkdirSync(join(dir, 'first', 'tool'));
  writeFileSync(join(dir, 'second', 'tool'), '');
  chmodSync(join(dir, 'second', 'tool'), 0o644);
  writeFileSync(join(dir, 'third', 'tool'), '#!/bin/sh\n');
  chmodSync(join(dir, 'third', 'tool'), 0o755);
  process.env['PATH'] = ['first', 'second', 'third'].map((name) => join(dir, name)).join(delimiter);
  expect(findProgram('tool')).toBe(join(dir, 'third', 'tool'));
  expect(findProgram('other')).toBeUndefined();
  expect(findProgram('other', [join(dir, 'nowhere'), join(dir, 'third', 'tool')])).toBe(
    join(dir, 'third', 'tool'),
  );
});
