/** Asks the worker, one thing after the other; a worker that does not answer within the bound is killed, and that is told. */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Ask, Left } from './worker.ts';

/** What one row may take at most, also on a busy machine. */
const BOUND_MS = 90_000;
/** A worker that holds more when it has nothing to do makes room for a new one. */
const REST_BYTES = 250_000_000;

export class HarnessProcess {
  #child: ChildProcess | undefined;

  /** Throws when nothing comes within the bound, or when the worker ends. */
  async ask(ask: Ask): Promise<Left> {
    const child = (this.#child ??= await started());
    const left = await answered(child, ask).catch((error: unknown) => {
      this.end();
      throw error;
    });
    if (left.restBytes > REST_BYTES) this.end();
    return left;
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

async function started(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), {
    execArgv: ['--import', import.meta.resolve('tsx'), '--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  await once(child, 'message');
  return child;
}

function answered(child: ChildProcess, ask: Ask): Promise<Left> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(new Error(`no end within ${BOUND_MS} ms`))), BOUND_MS);
    const onMessage = (left: Left): void => finish(() => resolve(left));
    const onExit = (code: number | null): void =>
      finish(() => reject(new Error(`the harness's process ended with ${code}`)));
    const finish = (then: () => void): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      then();
    };
    child.on('message', onMessage).on('exit', onExit);
    child.send(ask);
  });
}
