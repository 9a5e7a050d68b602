import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const NAMED = /`((?:harness|scenarios|reference-server|docs|test)\/[\w./-]*\w)`/g;

function namedIn(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(NAMED)].map(([, path = '']) => path);
}

test('each file that the way of an intent names is there', () => {
  const named = namedIn('docs/how-it-works.md');
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('the way of an intent passes through every room that a run has', () => {
  const rooms = new Set(namedIn('docs/how-it-works.md').map((path) => path.split('/').slice(0, 2).join('/')));
  // `base` is what all rooms stand on, no station of the way.
  const all = readdirSync(join(root, 'harness'))
    .filter((name) => !name.includes('.') && name !== 'base')
    .map((name) => `harness/${name}`);
  expect(all.filter((room) => !rooms.has(room))).toEqual([]);
});

test('each file that another page or CONTRIBUTING names is there', () => {
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const missing = ['CONTRIBUTING.md', 'README.md', ...pages.map((name) => `docs/${name}`)].flatMap((page) =>
    namedIn(page)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});
