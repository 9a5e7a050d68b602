/**
 * Rows wait more than they work, so that some are asked at once: each in a lane of its own, which is a process with the harness and
 * one with the endpoint. What is measured of a row is measured of its lane alone.
 */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Wanted } from './endpoint-worker.ts';
import { HarnessProcess } from './harness-process.ts';

export class Lane {
  readonly harness = new HarnessProcess();
  #endpoints: ChildProcess | undefined;

  /** The endpoint of that row, for as long as `use` takes. */
  async withEndpoint<T>(title: string, use: (url: string) => Promise<T>): Promise<T> {
    const child = (this.#endpoints ??= await started());
    const url = await answered(child, { title });
    try {
      return await use(url);
    } finally {
      await answered(child, {});
    }
  }

  end(): void {
    this.harness.end();
    this.#endpoints?.kill('SIGKILL');
  }
}

async function started(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'endpoint-worker.ts'), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

async function answered(child: ChildProcess, wanted: Wanted): Promise<string> {
  const told = once(child, 'message');
  child.send(wanted);
  const [url] = (await told) as [string];
  return url;
}
