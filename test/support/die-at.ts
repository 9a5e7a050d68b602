/**
 * Loaded before the command line (`--import`): the program kills itself with SIGKILL at a chosen one of its own effects
 * (a file opened, written or renamed, a program started), so that the moment does not depend on how fast a machine is.
 * With `tear` the effect is a writing of history lines while there are any, and the last of them is cut off.
 */

import childProcess, { type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export const PHASES = ['start', 'attack', 'heal', 'close', 'report'] as const;
export type Phase = (typeof PHASES)[number];

export interface Moment {
  readonly phase: Phase;
  /** The how-manieth effect in the phase; when there are fewer, the first of the next phase. From 1. */
  readonly effect: number;
  readonly tear: boolean;
  /** The guardian is killed just before. */
  readonly killsGuardian: boolean;
  /** Told in this file before the end. */
  readonly noteFile: string;
}

/** What was told: where the run really was. */
export interface DeathNote {
  readonly phase: Phase;
  readonly effect: number;
  readonly what: string;
}

const text = process.env['ONCEPROOF_TEST_DIE_AT'];
if (text !== undefined) arm(JSON.parse(text) as Moment);

function arm(moment: Moment): void {
  // The programs that it starts live on.
  delete process.env['ONCEPROOF_TEST_DIE_AT'];
  const { openSync, writeSync, writeFileSync, renameSync, rmSync, close, open } = fs;
  const { writeFile } = fs.promises;
  const { spawn } = childProcess;
  let phase: Phase = 'start';
  let effect = 0;
  let guardian: number | undefined;
  let history: number | undefined;
  let engineLog: number | undefined;

  const die = (what: string): never => {
    const note: DeathNote = { phase, effect, what };
    writeFileSync(moment.noteFile, JSON.stringify(note));
    if (moment.killsGuardian && guardian !== undefined) process.kill(guardian, 'SIGKILL');
    process.kill(process.pid, 'SIGKILL');
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  const enter = (next: Phase): void => {
    if (PHASES.indexOf(next) <= PHASES.indexOf(phase)) return;
    phase = next;
    effect = 0;
  };
  const isTime = (isHistory = false): boolean => {
    effect += 1;
    if (moment.tear && !isHistory && (phase === 'attack' || phase === 'heal')) return false;
    const ahead = PHASES.indexOf(phase) - PHASES.indexOf(moment.phase);
    return ahead > 0 || (ahead === 0 && effect >= moment.effect);
  };
  /** The effect happens, and then the end may come. */
  const after = <T>(what: string, result: T): T => (isTime() ? die(what) : result);

  Object.assign(childProcess, {
    spawn: (...args: Parameters<typeof spawn>): ChildProcess => {
      const child = spawn(...args);
      if (args[0] === '/bin/sh') guardian = child.pid;
      return after(`spawn ${args[0]}`, child);
    },
  });
  Object.assign(fs, {
    openSync: (...args: Parameters<typeof openSync>): number => {
      const fd = openSync(...args);
      if (String(args[0]).endsWith('history.ndjson')) {
        history = fd;
        enter('attack');
      }
      return after(`open ${String(args[0])}`, fd);
    },
    writeSync: (fd: number, bytes: Uint8Array | string, ...more: []): number => {
      if (fd !== history || typeof bytes === 'string')
        return after('write', writeSync(fd, bytes as string, ...more));
      const isLast = Buffer.from(bytes).includes('"type":"end"');
      if (isTime(true)) {
        writeSync(fd, bytes, 0, moment.tear ? bytes.length - 20 : bytes.length);
        die(`history of ${bytes.length} bytes`);
      }
      const written = writeSync(fd, bytes, ...more);
      if (isLast) enter('close');
      return written;
    },
    renameSync: (...args: Parameters<typeof renameSync>): void =>
      after(`rename ${String(args[1])}`, renameSync(...args)),
    rmSync: (...args: Parameters<typeof rmSync>): void => after(`remove ${String(args[0])}`, rmSync(...args)),
    // Streams open and close their files so.
    open: (path: string, ...args: unknown[]): void => {
      const done = args.pop() as (error: unknown, fd: number) => void;
      const told = (error: unknown, fd: number): void => {
        if (path.endsWith('engine.log')) engineLog = fd;
        done(error, fd);
      };
      Reflect.apply(open, fs, [path, ...args, told]);
    },
    close: (fd: number, ...args: unknown[]): void => {
      if (fd === engineLog) {
        enter('heal');
        if (isTime()) die('the engine has ended');
      }
      Reflect.apply(close, fs, [fd, ...args]);
    },
  });
  Object.assign(fs.promises, {
    writeFile: async (...args: Parameters<typeof writeFile>): Promise<void> => {
      if (phase === 'close') enter('report');
      await writeFile(...args);
      after(typeof args[0] === 'string' ? `write ${args[0]}` : 'write', undefined);
    },
  });
  syncBuiltinESMExports();
  process.on('exit', () => {
    enter('report');
    die('the exit');
  });
}
