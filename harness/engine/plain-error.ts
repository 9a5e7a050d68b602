/** Errors on their way from one thread to another. */
import { HarnessError } from '../base/errors.ts';
import { withoutSecrets } from '../base/secrets.ts';
import type { PlainError } from './worker-task.ts';

export function plainError(error: unknown): PlainError {
  if (error instanceof HarnessError)
    return { harness: { kind: error.kind, code: error.code }, message: error.message };
  return error instanceof Error
    ? { message: error.message, ...(error.stack !== undefined && { stack: error.stack }) }
    : { message: String(error) };
}

export function errorOf({ harness, message, stack }: PlainError): Error {
  if (harness !== undefined) return new HarnessError(harness.kind, harness.code, withoutSecrets(message));
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
