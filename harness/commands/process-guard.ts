/**
 * Nothing that goes wrong anywhere in this process may look like a verdict: codes 0, 1 and 2 come from a command that
 * decided so, and from nothing else.
 */

import { writeSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import { EXIT } from './terminal.ts';

export interface ProcessGuard {
  /** What the process will end with, whatever is called later. */
  readonly decide: (code: number) => void;
  /** The command has returned: when nothing was decided, that is success (help, or a server that was ended). */
  readonly finish: () => void;
  /** Called at the first error that nobody caught, so that the work ends early and what was recorded is judged. */
  readonly onFailure: (stop: () => void) => void;
}

/** So long the work may take to end after an error that nobody caught. ms */
const GRACE_MS = 60_000;
const STDERR = 2;

/** Takes over this process's uncaught errors, broken streams and early exits. `end` ends it. Call once, first of all. */
export function guardProcess(end: (code: number) => never): ProcessGuard {
  const stops: (() => void)[] = [];
  let decided: number | undefined;
  let failure: string | undefined;
  const fail = (text: string): void => {
    if (failure !== undefined) return;
    failure = text;
    say(text);
  };
  const onUncaught = (error: unknown): void => {
    const isFirst = failure === undefined;
    fail(`an error that nobody caught: ${messageOf(error)}`);
    if (decided !== undefined || stops.length === 0) end(EXIT.harness);
    if (!isFirst) return;
    // The run is healed and judged as far as it came; whatever hangs by this error must not hold the process.
    setTimeout(() => end(EXIT.harness), GRACE_MS).unref();
    for (const stop of stops) stop();
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', (error) => {
    // The embedded engine takes those of a script.
    if (process.listenerCount('unhandledRejection') === 1) onUncaught(error);
  });
  // Whoever reads has gone, or the disk is full: the work goes on, since its files are the evidence.
  process.stdout.on('error', (error) => fail(`what is printed cannot be written: ${messageOf(error)}`));
  process.stderr.on('error', (error) => fail(`what is told cannot be written: ${messageOf(error)}`));
  process.on('exit', () => {
    if (decided === undefined && failure === undefined) {
      fail(
        'the process was ended before there was a verdict: by a process.exit, or by a promise that never settles',
      );
    }
    process.exitCode = failure === undefined ? decided : EXIT.harness;
  });
  return {
    decide: (code) => {
      decided = code;
      process.exitCode = code;
    },
    finish: () => {
      decided ??= EXIT.valid;
    },
    onFailure: (stop) => void stops.push(stop),
  };
}

/** At once and without the stream, which may be the very thing that is broken. */
function say(text: string): void {
  try {
    writeSync(STDERR, `onceproof: ${text.replace(/\s*\n\s*/g, ' ')}\n`);
  } catch {
    // Nobody listens; the exit code tells.
  }
}
