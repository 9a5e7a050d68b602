/** The engine's thread: runs one script to its end and says how it went. */
import { parentPort, workerData } from 'node:worker_threads';

import { closeRealm } from './close-realm.ts';
import { runScript } from './embedded-run.ts';
import { loadScript } from './load-script.ts';
import { OutboxWriter } from './outbox.ts';
import { plainError } from './plain-error.ts';
import { Pulse, readPulse } from './pulse.ts';
import { stuckText } from './watchdog.ts';
import type { FromWorker, PlannedScenario, ToWorker, WorkerTask } from './worker-task.ts';

const task = workerData as WorkerTask;
const stop = new AbortController();
const cut = new AbortController();

function say(message: FromWorker): void {
  parentPort?.postMessage(message);
}

/** Whoever waits for the place of a thread, by its name. */
const asked = new Map<string, (place: string | undefined) => void>();

function hear(message: ToWorker): void {
  if (typeof message === 'string') (message === 'stop' ? stop : cut).abort();
  else asked.get(message.thread)?.(message.place);
}

/** Which scenarios there are, once they are known. */
let scenarios: readonly PlannedScenario[] = [];

/** In one line; undefined: it went on in the last moment. */
async function stuck(thread: string, pulse: SharedArrayBuffer): Promise<string | undefined> {
  const { beat } = readPulse(pulse);
  // Only the main thread sees into others.
  const place = await new Promise<string | undefined>((resolve) => {
    asked.set(thread, resolve);
    say({ kind: 'where', thread });
  });
  if (readPulse(pulse).beat !== beat) return undefined;
  return stuckText(task.stallMs / 1_000, pulse, scenarios, place);
}

task.told.forEach(hear);
parentPort?.on('message', hear);
// The run keeps this thread alive, and what tells it to stop does not.
parentPort?.unref();

const outbox = new OutboxWriter(task.outbox, () => say({ kind: 'wake' }));
const pulse = new Pulse(task.pulse);
pulse.start();

async function main(): Promise<void> {
  try {
    const { result, written } = await runScript(loadScript(task.built), {
      env: task.env,
      overrides: task.overrides,
      allowedHosts: task.allowedHosts,
      maxBodyBytes: task.maxBodyBytes,
      pulse,
      threads:
        task.vuThread === undefined
          ? undefined
          : { built: task.built, program: task.vuThread, stallMs: task.stallMs, stuck },
      signal: stop.signal,
      cut: cut.signal,
      onLine: (line) => outbox.put('line', line),
      onLog: (level, text) => outbox.put('log', `${level}\n${text}`),
      onRefusedHost: (origin) => say({ kind: 'refused-host', origin }),
      onScenarios: (planned) => {
        scenarios = planned;
        say({ kind: 'scenarios', scenarios });
      },
      onProgress: task.tellsProgress ? (progress) => say({ kind: 'progress', progress }) : undefined,
    });
    say({ kind: 'end', result, ...(written !== undefined && { written }) });
  } catch (error) {
    say({ kind: 'failed', error: plainError(error) });
  }
}

closeRealm();
void main();
