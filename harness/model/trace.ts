/**
 * Each attempt is a trace of its own for whoever looks at the endpoint from inside (W3C Trace Context, Level 1): its id is
 * a hash, so that a report can name it without having been told. Dependency-free: scripts load it, too.
 */

import { hashHex } from './decide.ts';

export const TRACE_HEADER = 'traceparent';
/** What a link to a trace may hold. */
export const TRACE_PLACEHOLDERS = ['{trace_id}', '{span_id}'] as const;

/** 32 hex digits, never all zero, by run id and attempt (`<intent>.<n>`). */
export function traceIdOf(runId: string, attempt: string): string {
  const hex = hashHex('trace', runId, attempt);
  return /^0+$/.test(hex) ? hex.replace(/.$/, '1') : hex;
}

/** 16 hex digits: the span that the endpoint's own are below. */
export function spanIdOf(runId: string, attempt: string): string {
  const hex = hashHex('span', runId, attempt).slice(0, 16);
  return /^0+$/.test(hex) ? hex.replace(/.$/, '1') : hex;
}

/** The header's value: version 00, sampled. */
export function traceParent(runId: string, attempt: string): string {
  return `00-${traceIdOf(runId, attempt)}-${spanIdOf(runId, attempt)}-01`;
}

/** The headers with the attempt's trace, unless whoever describes the endpoint sends one of its own. */
export function traced(
  headers: Readonly<Record<string, string>>,
  runId: string | undefined,
  attempt: string,
): Record<string, string> {
  const hasOwn = Object.keys(headers).some((name) => name.toLowerCase() === TRACE_HEADER);
  if (hasOwn || runId === undefined) return { ...headers };
  return { ...headers, [TRACE_HEADER]: traceParent(runId, attempt) };
}

/** Where an attempt's trace is shown, by a template such as `https://traces.example/{trace_id}`. */
export function traceUrlOf(template: string, runId: string, attempt: string): string {
  return template
    .replaceAll('{trace_id}', traceIdOf(runId, attempt))
    .replaceAll('{span_id}', spanIdOf(runId, attempt));
}
