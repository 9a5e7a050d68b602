/** The one thin file that writes reports; what stands in them is decided by pure functions. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';
import { markupWithoutSecrets, withoutSecrets } from '../base/secrets.ts';
import { readHistories } from '../history/merge.ts';
import type { HistoryEvent } from '../history/events.ts';
import type { Verdict } from '../model/verdict.ts';
import { renderBadge } from './badge.ts';
import { collectEvidence, NO_EVIDENCE, type Evidence } from './evidence.ts';
import { renderGithub } from './github.ts';
import type { ReportKind } from './kinds.ts';
import { renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';

const FILES: Readonly<Record<ReportKind, string>> = {
  html: 'report.html',
  junit: 'junit.xml',
  markdown: 'summary.md',
  json: 'verdict.json',
  github: 'annotations.txt',
  badge: 'badge.svg',
};

/** Writes the reports of these kinds into `dir` (made when missing) and gives back their paths in the order of `kinds`. */
export async function writeReports(
  dir: string,
  verdict: Verdict,
  historyPath: string | readonly string[],
  kinds: readonly ReportKind[],
  evidence?: Evidence,
): Promise<string[]> {
  const wanted = [...new Set(kinds)];
  const known = evidence ?? (await evidenceFrom(historyPath, verdict));
  await makeFolder(dir);
  const paths: string[] = [];
  for (const kind of wanted) {
    const path = join(dir, FILES[kind]);
    await writeFile(path, cleanedAs(kind, RENDERERS[kind](verdict, known)));
    paths.push(path);
  }
  return paths;
}

/** The evidence of one history or of those of many machines. One that cannot be read leaves the reports without stories. */
export async function evidenceFrom(
  historyPath: string | readonly string[],
  verdict: Verdict,
): Promise<Evidence> {
  const paths = typeof historyPath === 'string' ? [historyPath] : historyPath;
  if (paths.length === 0) return NO_EVIDENCE;
  return await collectEvidence(eventsOf(paths), verdict);
}

async function* eventsOf(paths: readonly string[]): AsyncGenerator<HistoryEvent> {
  for await (const batch of readHistories(paths).batches()) yield* batch;
}

function cleanedAs(kind: ReportKind, text: string): string {
  return kind === 'json' ? withoutSecrets(text) : markupWithoutSecrets(text);
}

const RENDERERS: Readonly<Record<ReportKind, (verdict: Verdict, evidence: Evidence) => string>> = {
  html: renderHtml,
  junit: renderJunit,
  markdown: renderMarkdown,
  json: (verdict) => renderJson(verdict),
  github: (verdict) => renderGithub(verdict),
  badge: (verdict) => renderBadge([verdict]),
};
