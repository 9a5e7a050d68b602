/** A child process of the environment: started, listened to by lines, signalled and ended by its own id. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { harnessError, messageOf } from '../base/errors.ts';
import type { Keeper } from './keeper.ts';

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly keeper: Keeper;
  readonly cwd?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Signals go to its whole process group, which holds what it starts. */
  readonly isGroup?: boolean;
  readonly onLine?: (line: string) => void;
  /** What it wrote to stderr (and to stdout when nobody listens by lines). */
  readonly onLog?: (text: string) => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it is gone and its output has been read; never rejects. */
  readonly exited: Promise<ChildExit>;
  readonly hasExited: () => boolean;
  /** Nothing happens when it is gone already. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** SIGTERM, then SIGKILL after `graceMs`; 0: SIGKILL at once. */
  readonly end: (graceMs: number) => Promise<void>;
  /** The last lines it logged, for an error's text. */
  readonly lastLog: () => string;
}

/** Starts a program in a process group of its own, so that Ctrl-C in the terminal reaches the harness alone. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, command, args, keeper } = options;
  const spawned = spawn(command, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env !== undefined && { env: { ...process.env, ...options.env } }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const pid = spawned.pid;
  // Before anything is waited for: a harness that is killed meanwhile would leave it behind.
  if (pid !== undefined) keeper.addChild(name, pid, options.isGroup);
  await new Promise<void>((done, fail) => {
    spawned.once('spawn', done);
    spawned.once('error', (cause) =>
      fail(
        harnessError('start_failed', `${name} did not start: ${messageOf(cause)}`, { found: command, cause }),
      ),
    );
  });
  if (pid === undefined) throw harnessError('start_failed', `${name} did not start`, { found: command });

  let log = '';
  const onLog = (chunk: Buffer): void => {
    const text = chunk.toString('utf8');
    log = (log + text).slice(-2000);
    options.onLog?.(text);
  };
  spawned.stderr.on('data', onLog);
  if (options.onLine) createInterface({ input: spawned.stdout }).on('line', options.onLine);
  else spawned.stdout.on('data', onLog);

  let isGone = false;
  spawned.once('exit', () => {
    isGone = true;
    keeper.dropChild(pid);
  });
  const exited = new Promise<ChildExit>((done) => {
    spawned.once('close', (code, signal) => done({ code, signal }));
  });
  const signal = (which: NodeJS.Signals): void => {
    if (isGone) return;
    if (options.isGroup !== true) spawned.kill(which);
    else signalGroup(pid, which);
  };

  return {
    name,
    pid,
    exited,
    hasExited: () => isGone,
    signal,
    lastLog: () => log.trim().split('\n').slice(-3).join(' | '),
    async end(graceMs) {
      // A stopped process would never see the SIGTERM.
      signal('SIGCONT');
      signal(graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
      const limit = new AbortController();
      const expired = delay(graceMs, true, { signal: limit.signal }).catch(() => false);
      if ((await Promise.race([exited.then(() => false), expired])) && graceMs > 0) signal('SIGKILL');
      limit.abort();
      await exited;
    },
  };
}

/** Nothing happens when the whole group is gone. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone in this very moment.
  }
}
