/** A crew whose parts run in threads of this process. */

import { Worker } from 'node:worker_threads';
import { workerEntry } from '../../base/worker-entry.ts';
import { workerProgram } from '../../base/worker-program.ts';
import { Crew } from './crew.ts';
import type { FromPart, PartPort, PartTask, ToPart } from './messages.ts';

/** A line must fit on a shelf. What is not written on takes no memory. */
const SHELF_BYTES = 1024 * 1024;
/** For what a part has not read yet, so that its parcels can be whole. */
const SHELVES_OF_PART = 32;
/** What dies young is let die young, in a space that a core's own cache holds: a larger one is looked at more rarely, and is slower. */
const YOUNG_MB = 6;

/** `files`: how many histories are read at a time. */
export async function crewOfThreads(parts: number, files: number): Promise<Crew> {
  const shelves = Array.from(
    { length: files + parts * SHELVES_OF_PART },
    () => new SharedArrayBuffer(SHELF_BYTES),
  );
  const program = await workerProgram(import.meta.url, 'thread');
  const ports = Array.from({ length: parts }, () =>
    portOf(
      new Worker(workerEntry(program), {
        eval: program.isCode,
        workerData: { shelves } satisfies PartTask,
        execArgv: [],
        name: 'onceproof check',
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      }),
    ),
  );
  return new Crew(ports, shelves);
}

function portOf(worker: Worker): PartPort {
  return {
    send: (message: ToPart) => worker.postMessage(message),
    listen: (hear) => {
      worker.on('message', (message: FromPart) => hear(message));
      const fail = (why: string) => hear({ kind: 'failed', message: why });
      worker.on('error', (error) => fail(error.message));
      worker.on('exit', (code) => fail(`the thread ended with code ${code}`));
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
