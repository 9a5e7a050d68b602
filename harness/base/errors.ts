/**
 * What the harness itself could not do. What a server under test did is data and is never thrown.
 */

import { withoutSecrets } from './secrets.ts';

/** The two kinds of failure that end a command: the user's input (exit 4) or the harness's own work (exit 3). */
export type HarnessErrorKind = 'usage' | 'harness';

export interface HarnessErrorDetails {
  /** What is wrong: a flag, a member of the config, a file with its line. */
  readonly field?: string;
  readonly expected?: string;
  readonly found?: unknown;
  readonly cause?: unknown;
}

/** One clear line: what, expected, found. `kind` gives the exit code. */
export class HarnessError extends Error {
  readonly kind: HarnessErrorKind;
  readonly code: string;
  readonly details: HarnessErrorDetails;

  constructor(kind: HarnessErrorKind, code: string, what: string, details: HarnessErrorDetails = {}) {
    super(oneLine(what, details), { cause: details.cause });
    this.name = 'HarnessError';
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}

/** Wrong usage or config: exit code 4. */
export function usageError(code: string, what: string, details: HarnessErrorDetails = {}): HarnessError {
  return new HarnessError('usage', code, what, details);
}

/** The harness could not work: exit code 3. */
export function harnessError(code: string, what: string, details: HarnessErrorDetails = {}): HarnessError {
  return new HarnessError('harness', code, what, details);
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function oneLine(what: string, { field, expected, found }: HarnessErrorDetails): string {
  const parts = [field === undefined ? what : `${field}: ${what}`];
  if (expected !== undefined) parts.push(`expected ${expected}`);
  if (found !== undefined) parts.push(`found ${shown(found)}`);
  return parts.join('; ').replace(/\s*\n\s*/g, ' ');
}

function shown(value: unknown): string {
  const whole = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  // Before it is cut: half a secret would not be found any more.
  const text = withoutSecrets(whole);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
