/** A preflight drawn: each request with its answer and what the pointers found in it, then what is wrong or strange. */

import { isSecretName } from '../base/secret-name.ts';
import { withoutSecrets } from '../base/secrets.ts';
import { findingLine, type Finding } from '../preflight/finding.ts';
import type { Found } from '../preflight/found.ts';
import type { PreflightResult, Step } from '../preflight/preflight.ts';
import type { Proposal } from '../preflight/proposals.ts';
import { clipped, duration, plural, visible } from './format.ts';

type Exchange = Step['exchanges'][number];

/** A body is shown so far. */
const MAX_BODY = 600;
const MAX_VALUE = 60;
/** Headers of an answer that tell nothing of the contract. */
const DULL = ['connection', 'keep-alive', 'date', 'transfer-encoding', 'content-length', 'vary', 'server'];

/** For a terminal; ends with the verdict in words. */
export function renderPreflight(result: PreflightResult): string {
  const proposals = result.proposals.filter(({ value, says }) => value !== says);
  return [
    ...result.steps.map(stepText),
    ...(proposals.length === 0 ? [] : [proposalText(proposals)]),
    endText(result),
  ].join('\n\n');
}

/** The same as data, for `--json`: secrets are taken out of it like of any text. */
export function preflightData({ steps, findings, proposals, tookMs }: PreflightResult): object {
  return {
    schema: 1,
    fits: findings.every(({ severity }) => severity === 'warning'),
    findings,
    proposals,
    steps: steps.map(({ name, note, found, exchanges }) => ({
      name,
      ...(note !== undefined && { note }),
      found,
      exchanges: exchanges.map((exchange) => ({ ...exchange, headers: shownHeaders(exchange.headers) })),
    })),
    tookMs,
  };
}

function stepText({ name, note, exchanges, found }: Step): string {
  const lines = [
    name,
    ...(note === undefined ? [] : [`  ${visible(note)}`]),
    ...exchanges.flatMap(exchangeLines),
    ...found.map(foundLine),
  ];
  return lines.join('\n');
}

function exchangeLines({ method, url, headers, body, answer, error, tookMs }: Exchange): string[] {
  const { pathname, search } = new URL(url);
  const sent = [
    `  > ${method} ${visible(pathname + search)}`,
    ...Object.entries(shownHeaders(headers)).map(([name, value]) => `  > ${name}: ${visible(value)}`),
    ...(body === undefined ? [] : [`  > ${bodyText(body)}`]),
  ];
  if (answer === undefined) return [...sent, `  < no answer: ${error ?? 'unknown'} (${duration(tookMs)})`];
  const told = Object.entries(answer.headers)
    .filter(([name, value]) => value !== undefined && !DULL.includes(name))
    .map(([name, value]) => [name, String(value)] as const);
  return [
    ...sent,
    `  < ${answer.status} (${duration(tookMs)})`,
    ...told.map(([name, value]) => `  < ${name}: ${hidden(name, value)}`),
    `  < ${bodyText(answer.text)}`,
  ];
}

function shownHeaders(headers: Exchange['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hidden(name, value)]));
}

function hidden(name: string, value: string): string {
  return isSecretName(name) ? '[redacted]' : visible(clipped(value, 200));
}

/** Cleaned before it is cut: half a secret would not be found any more. */
function bodyText(text: string): string {
  const line = withoutSecrets(text).replace(/\s+/g, ' ').trim();
  return line === '' ? '(no body)' : visible(clipped(line, MAX_BODY));
}

function foundLine({ member, pointer, value, wrong }: Found): string {
  if (wrong !== undefined) return `  ! ${member}: ${visible(wrong)}`;
  const shown = value === undefined ? 'nothing (optional)' : valueText(value);
  return `  = ${member}: \`${pointer}\` is ${shown}`;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return visible(clipped(withoutSecrets(JSON.stringify(value) ?? ''), MAX_VALUE));
}

function proposalText(proposals: readonly Proposal[]): string {
  const rows = proposals.map(({ row, value, says, why }) => `  ${row}: ${value}, // ${why}; now ${says}`);
  return ['Rows of the contract that this speaks for (seen once; what is promised is yours to say):', ...rows]
    .map(visible)
    .join('\n');
}

function endText({ findings, steps, tookMs }: PreflightResult): string {
  const count = steps.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
  const took = `${plural(count, 'request')}, ${duration(tookMs)}`;
  const lines = findings.map((finding) => `${WORDS[finding.severity]} ${visible(findingLine(finding))}`);
  return [...lines, `${verdictText(findings)} (${took})`].join('\n');
}

const WORDS = {
  wrong: 'wrong:',
  unreached: 'no answer:',
  warning: 'warning:',
  open: 'not looked at:',
} as const;

function verdictText(findings: readonly Finding[]): string {
  const has = (severity: Finding['severity']): boolean => findings.some((one) => one.severity === severity);
  if (has('wrong')) return 'The config does not describe this endpoint';
  if (has('unreached')) return 'The endpoint did not answer';
  if (has('open')) return 'The endpoint failed, so that not all of the config could be looked at';
  const warnings = findings.length;
  return warnings === 0
    ? 'The config describes this endpoint'
    : `The config may describe this endpoint: ${plural(warnings, 'warning')}`;
}
