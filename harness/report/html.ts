/** Thin for now. */
import type { Verdict } from '../verdict.ts';
import type { Evidence } from './evidence.ts';
import { markup } from './markup.ts';
import { headline } from './words.ts';

/** The report page of one run. */
export function renderHtml(verdict: Verdict, _evidence?: Evidence): string {
  return markup`<!doctype html><meta charset="utf-8"><title>${verdict.run.scenario}</title><h1>${verdict.verdict}</h1><p>${headline(verdict)}</p>`
    .text;
}

/** The page over several runs; `href` is the address of a run's report from that page. */
export function renderSuiteHtml(
  runs: readonly { readonly verdict: Verdict; readonly href: string }[],
): string {
  return markup`<!doctype html><meta charset="utf-8"><title>onceproof</title><ul>${runs.map((run) => markup`<li><a href="${run.href}">${run.verdict.run.scenario}</a> ${run.verdict.verdict}</li>`)}</ul>`
    .text;
}
