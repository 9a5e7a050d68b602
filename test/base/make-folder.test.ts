import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder } from '../../harness/base/make-folder.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onceproof-make-folder-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what is missing above a folder is made, also by two at once', async () => {
  const path = join(folder, 'a/b/c');
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(path, 'd'))]);
  expect(statSync(join(path, 'd')).isDirectory()).toBe(true);
});

test('a folder that is there, or a link to one, is fine', async () => {
  symlinkSync(folder, join(folder, 'link'));
  await makeFolder(folder);
  await makeFolder(join(folder, 'link'));
  await makeFolder('/');
});

test.each(['file', 'file/below', 'nowhere', 'circle', 'circle/below'])('%s can be none', async (name) => {
  const dir = mkdtempSync(join(folder, 'wrong-'));
  writeFileSync(join(dir, 'file'), '');
  symlinkSync(join(dir, 'gone', 'gone'), join(dir, 'nowhere'));
  symlinkSync(join(dir, 'circle'), join(dir, 'circle'));
  await expect(makeFolder(join(dir, name))).rejects.toThrow(/EEXIST|ENOTDIR|ELOOP/);
});

test('a file system that takes no folders says so, and the making ends', async () => {
  await expect(makeFolder('/proc/onceproof/below/it')).rejects.toThrow(/ENOENT|EACCES|EPERM|EROFS/);
});
