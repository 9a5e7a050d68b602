/**
 * GitHub workflow commands, one a line: errors for violations and for evidence that is too thin, a notice when valid.
 * Source: docs.github.com, "Workflow commands for GitHub Actions"; its escaping is that of actions/toolkit `command.ts`.
 */

import type { Verdict } from '../model/verdict.ts';
import { clipped, plural, visible } from './format.ts';
import { headline } from './words.ts';

/** GitHub shows ten annotations of one kind per step. */
const MAX_ANNOTATIONS = 10;
const MAX_LENGTH = 1000;

export function renderGithub(verdict: Verdict): string {
  const { scenario } = verdict.run;
  if (verdict.verdict === 'valid')
    return command('notice', `onceproof: ${scenario} is valid`, headline(verdict));
  const errors = verdict.violations.map((violation) => {
    const intent = violation.intent === undefined ? '' : ` (${violation.intent})`;
    const text = `${violation.summary}\nexpected: ${violation.expected}\nfound: ${violation.found}`;
    return command('error', `onceproof: ${violation.rule} in ${scenario}${intent}`, text);
  });
  const kind = verdict.verdict === 'unknown' ? 'error' : 'warning';
  const reasons = verdict.reasons.map((reason) =>
    command(kind, `onceproof: ${scenario} is not fully judged`, reason),
  );
  return [...bounded(errors, verdict.violationCount, scenario), ...reasons.slice(0, MAX_ANNOTATIONS)].join(
    '',
  );
}

function bounded(errors: readonly string[], total: number, scenario: string): readonly string[] {
  if (total <= MAX_ANNOTATIONS) return errors;
  const shown = errors.slice(0, MAX_ANNOTATIONS - 1);
  const rest = `${plural(total - shown.length, 'more violation')}, see the report`;
  return [...shown, command('error', `onceproof: ${scenario}`, rest)];
}

function command(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  const lines = message.split('\n').map(visible).join('\n');
  return `::${kind} title=${property(visible(title))}::${data(clipped(lines, MAX_LENGTH))}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
