import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/cli.ts';

/** npm shows the README alone: what it leads to is at the project's home. */
const HOME = 'https://github.com/onceproof/onceproof/blob/main/';

function linksOf(file: string): string[] {
  const text = readFileSync(join(projectRoot, file), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
}

test("the README's links are absolute, and what they lead to is there", () => {
  const links = linksOf('README.md').filter((link) => !link.startsWith('#'));
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((link) => !link.startsWith('https://'))).toEqual([]);
  const own = links
    .filter((link) => link.startsWith(HOME))
    .map((link) => link.slice(HOME.length).split('#')[0] ?? '');
  expect(own.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
});

describe('the links of the docs and examples lead to files that are there', () => {
  const pages = ['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
  test.each(['CONTRIBUTING.md', ...pages])('%s', (page) => {
    const missing = linksOf(page)
      .filter((link) => !/^(https?:|mailto:|#)/.test(link))
      .map((link) => join(dirname(page), link.split('#')[0] ?? ''))
      .filter((path) => !existsSync(join(projectRoot, path)));
    expect(missing).toEqual([]);
  });
});
