import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_TEXT_BYTES, smallText } from '../../harness/base/small-file.ts';
import { temporaryFolder } from '../support/cli.ts';

let folder: ReturnType<typeof temporaryFolder>;
const at = (name: string): string => join(folder.path, name);
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

test('a file is read whole, up to the last byte that is allowed', () => {
  writeFileSync(at('whole'), 'a'.repeat(70_000) + 'ü');
  expect(smallText(at('whole'))).toBe('a'.repeat(70_000) + 'ü');
  writeFileSync(at('most'), '');
  truncateSync(at('most'), MAX_TEXT_BYTES);
  expect(smallText(at('most'))).toHaveLength(MAX_TEXT_BYTES);
  truncateSync(at('most'), MAX_TEXT_BYTES + 1);
  expect(() => smallText(at('most'))).toThrow(/more than 16777216 bytes/);
});

test('what is not there, and a folder, say so by their code', () => {
  expect(() => smallText(at('none'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  mkdirSync(at('folder'));
  expect(() => smallText(at('folder'))).toThrow(expect.objectContaining({ code: 'EISDIR' }));
});

test('a device is no text', () => {
  expect(() => smallText('/dev/zero')).toThrow(/neither a file nor a pipe/);
});

test('a pipe that nobody writes to is empty, one with a slow writer is read to its end', async () => {
  execFileSync('mkfifo', [at('silent'), at('slow')]);
  expect(smallText(at('silent'))).toBe('');
  // Open on both sides first, so that the reader meets a writer who has not written yet.
  const writer = spawn(
    'bash',
    ['-c', 'exec 3<> slow; echo open; sleep 0.2; printf written >&3; sleep 0.2; exec 3>&-'],
    {
      cwd: folder.path,
    },
  );
  await once(writer.stdout, 'data');
  expect(smallText(at('slow'))).toBe('written');
});
