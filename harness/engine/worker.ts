/** The engine's thread: runs one script to its end and says how it went. */
import { parentPort, workerData } from 'node:worker_threads';

import { HarnessError } from '../base/errors.ts';
import { runScript } from './embedded-run.ts';
import { loadScript } from './load-script.ts';
import { OutboxWriter } from './outbox.ts';
import { Pulse } from './pulse.ts';
import type { FromWorker, PlainError, ToWorker, WorkerTask } from './worker-task.ts';

const task = workerData as WorkerTask;
const stop = new AbortController();
const cut = new AbortController();

function say(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function plainError(error: unknown): PlainError {
  if (error instanceof HarnessError)
    return { harness: { kind: error.kind, code: error.code }, message: error.message };
  return error instanceof Error
    ? { message: error.message, ...(error.stack !== undefined && { stack: error.stack }) }
    : { message: String(error) };
}

function hear(message: ToWorker): void {
  (message === 'stop' ? stop : cut).abort();
}

task.told.forEach(hear);
parentPort?.on('message', hear);
// The run keeps this thread alive, and what tells it to stop does not.
parentPort?.unref();

const outbox = new OutboxWriter(task.outbox, () => say({ kind: 'wake' }));
const pulse = new Pulse(task.pulse);
pulse.start();

/**
 * Scripts see nothing of this realm. Should anything of it ever reach one, its functions make no code of text here, where
 * Node's globals are.
 */
function closeRealm(): void {
  const kinds = [
    function (): void {},
    async function (): Promise<void> {},
    function* (): Generator {},
    async function* (): AsyncGenerator {},
  ];
  const refuse = (): never => {
    throw new Error('code of text is not made here');
  };
  for (const kind of kinds)
    Object.defineProperty(Object.getPrototypeOf(kind), 'constructor', { value: refuse, configurable: false });
}

async function main(): Promise<void> {
  try {
    const { result, written } = await runScript(loadScript(task.built), {
      env: task.env,
      overrides: task.overrides,
      allowedHosts: task.allowedHosts,
      maxBodyBytes: task.maxBodyBytes,
      pulse,
      signal: stop.signal,
      cut: cut.signal,
      onLine: (line) => outbox.put('line', line),
      onLog: (level, text) => outbox.put('log', `${level}\n${text}`),
      onRefusedHost: (origin) => say({ kind: 'refused-host', origin }),
      onScenarios: (scenarios) => say({ kind: 'scenarios', scenarios }),
      onProgress: task.tellsProgress ? (progress) => say({ kind: 'progress', progress }) : undefined,
    });
    say({ kind: 'end', result, ...(written !== undefined && { written }) });
  } catch (error) {
    say({ kind: 'failed', error: plainError(error) });
  }
}

closeRealm();
void main();
