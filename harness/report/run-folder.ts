/** Where runs are kept: a folder for each, the link to the latest, and the page over all of them. */

import { lstat, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { messageOf, usageError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { markupWithoutSecrets } from '../base/secrets.ts';
import { renderBadge } from './badge.ts';
import { renderSuiteHtml } from './html.ts';
import { renderSuiteMarkdown } from './markdown.ts';
import type { LeftOut } from '../plan/scenario-order.ts';
import type { Verdict } from '../model/verdict.ts';

/** Relative to where the command was given, where that is shorter. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

/** The page and the summary over all runs; gives the page's path. */
export async function writeIndex(
  out: string,
  runs: readonly { readonly verdict: Verdict; readonly dir: string }[],
  { hasBadge = false, left = [] }: { readonly hasBadge?: boolean; readonly left?: readonly LeftOut[] } = {},
): Promise<string> {
  const verdicts = runs.map(({ verdict }) => verdict);
  if (hasBadge) await writeFile(join(out, 'badge.svg'), markupWithoutSecrets(renderBadge(verdicts, left)));
  await writeFile(join(out, 'summary.md'), markupWithoutSecrets(renderSuiteMarkdown(verdicts, left)));
  const file = join(out, 'index.html');
  await writeFile(
    file,
    markupWithoutSecrets(
      renderSuiteHtml(
        runs.map(({ verdict, dir }) => ({ verdict, href: `${relative(out, dir)}/report.html` })),
        left,
      ),
    ),
  );
  return file;
}

/** `<out>/<scenario>/<time>-<run id>`, made now. Throws a usage error when it cannot be written. */
export async function runFolder(out: string, name: string, runId: string): Promise<string> {
  // An empty variable of a shell: nobody means the folder in which he stands.
  if (out === '') throw usageError('out', 'has no name', { field: '--out', expected: 'a folder' });
  const time = new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-');
  const parent = resolve(out, name);
  try {
    await makeFolder(parent);
    return await ownFolder(join(parent, `${time}-${runId}`));
  } catch (error) {
    throw usageError('out', 'cannot be written', {
      field: '--out',
      expected: 'a folder',
      found: messageOf(error),
    });
  }
}

/** Made by this very call: two runs of one name in one second must not share their evidence. */
async function ownFolder(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const dir = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      await mkdir(dir);
      return dir;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** `results/latest` points to the last run. Where links are not allowed, there is just none. */
export async function pointLatest(out: string, dir: string): Promise<void> {
  const link = join(out, 'latest');
  try {
    // Whatever else has that name is somebody's own.
    const there = await lstat(link).catch(() => undefined);
    if (there !== undefined && !there.isSymbolicLink()) return;
    await rm(link, { force: true });
    await symlink(relative(resolve(out), dir), link, 'dir');
  } catch {
    // A convenience only.
  }
}
