/** A promise that the script let go: the script's error, not this process's. */
import { RequestError } from './k6/http-outcome.ts';
import type { Bundle } from './script-bundle.ts';

export function isScriptsError(error: unknown): boolean {
  return (
    !(error instanceof Error) || error instanceof RequestError || (error.stack ?? '').includes('.bundle.cjs')
  );
}

export function uncaughtText(bundle: Bundle, error: unknown): string {
  return `Uncaught (in promise) ${bundle.describe(error)}`;
}
