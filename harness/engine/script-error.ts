/** What the script's code threw: told in the terminal, counted for the reports. */
import { messageOf } from '../base/errors.ts';
import type { RunState } from './k6/run-state.ts';
import type { Ending } from './run-end.ts';
import { ScriptThrew } from './threads/script-threw.ts';
import { EXIT } from './types.ts';

/** Message and places in the script's own files, whichever thread it was thrown in. */
export function describedError({ bundle }: Pick<RunState, 'bundle'>, error: unknown): string {
  return error instanceof ScriptThrew ? error.described : bundle.describe(error);
}

/** Tells it, and says what a run ends with that cannot go on after it. */
export function exceptionEnding(
  run: Pick<RunState, 'bundle' | 'log' | 'exceptions'>,
  error: unknown,
): Ending {
  const text = describedError(run, error);
  run.log('error', text);
  run.exceptions.add(text);
  return { exitCode: EXIT.exception, reason: messageOf(error) };
}
