/** The workers of a selftest: as many processes as it may use, each with one cell at a time. */

import { spawn, type ChildProcess } from 'node:child_process';
import { harnessError, messageOf } from '../base/errors.ts';
import { programArguments } from '../base/program.ts';
import type { Cell, CellResult } from '../model/detection.ts';
import type { FromWorker, ToWorker } from './selftest-worker.ts';

/** A worker that was told to break off heals, settles and judges first; after this it is ended. ms */
const BREAK_OFF_MS = 60_000;

/** One process that takes cells. Ended with `end`, whatever it is at. */
export interface Worker {
  /** Throws a harness error when the process ends before it has answered, or could not carry the cell through. */
  readonly perform: (cell: Cell, rules: readonly string[], out: string) => Promise<CellResult>;
  readonly breakOff: () => void;
  readonly end: () => Promise<void>;
  readonly isAlive: () => boolean;
}

export function startWorker(): Worker {
  const { command, args } = programArguments('harness/runs/selftest-worker');
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let lastWords = '';
  child.stderr?.on(
    'data',
    (chunk: Buffer) => (lastWords = (lastWords + chunk.toString('utf8')).slice(-2000)),
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // One that could not be started has no exit: `isAlive` and the answer that never comes tell it.
  child.once('error', (error) => (lastWords = messageOf(error)));
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null && child.connected;
  return {
    isAlive,
    perform: (cell, rules, out) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          child.off('message', onMessage);
          child.off('exit', onExit);
        };
        const onMessage = (message: FromWorker): void => {
          stop();
          if (message.kind === 'result') resolve(message.result);
          else reject(harnessError('selftest_cell', message.why));
        };
        const onExit = (code: number | null, signal: string | null): void => {
          stop();
          const found = lastWords.trim().split('\n').at(-1) ?? '';
          reject(harnessError('selftest_worker', `a worker ended (${code ?? signal}): ${found}`));
        };
        child.on('message', onMessage);
        child.once('exit', onExit);
        if (!isAlive()) return onExit(child.exitCode, child.signalCode);
        tell(child, { kind: 'cell', cell, rules, out });
      }),
    breakOff: () => {
      tell(child, { kind: 'break-off' });
      setTimeout(() => child.kill('SIGKILL'), BREAK_OFF_MS).unref();
    },
    end: async () => {
      if (child.connected) child.disconnect();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const cut = setTimeout(() => child.kill('SIGKILL'), BREAK_OFF_MS);
      await ended;
      clearTimeout(cut);
    },
  };
}

function tell(child: ChildProcess, message: ToWorker): void {
  // Whether it came is heard of by the answer, or by the end of the process.
  if (child.connected) child.send(message, () => {});
}
