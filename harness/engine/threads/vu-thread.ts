/** The thread of one VU: its script may stand still in it. */
import { parentPort, workerData } from 'node:worker_threads';

import { messageOf } from '../../base/errors.ts';
import { closeRealm } from '../close-realm.ts';
import { loadPages } from '../html/pages.ts';
import { watchLetGo } from '../let-go.ts';
import { loadScript } from '../load-script.ts';
import { Pulse } from '../pulse.ts';
import { plainError } from '../plain-error.ts';
import { Realm } from '../k6/realm.ts';
import { noCounts, type RunState } from '../k6/run-state.ts';
import { Spreads } from '../k6/together.ts';
import { Vu } from '../k6/vu.ts';
import { Exceptions } from '../exceptions.ts';
import { WHOLE } from '../stripes.ts';
import { Link } from './link.ts';
import type { ThreadTask, ThrownError, ToThread } from './messages.ts';
import { unpackedItems } from './packed-items.ts';
import { answersOf, plainRequests } from './plain.ts';
import { ThreadHttp } from './thread-http.ts';
import { threadRegistry } from './thread-metrics.ts';

const task = workerData as ThreadTask;
const pulse = new Pulse(task.pulse);
const link = new Link(task, pulse);
const bundle = loadScript(task.built);

const http: { of?: ThreadHttp } = {};

const run: RunState = {
  bundle,
  env: task.env,
  options: { ...task.options, stripes: WHOLE },
  registry: threadRegistry(link, task.subs),
  isAborted: false,
  counts: noCounts(),
  checks: new Map(),
  tally: (name, group, ok) => link.say({ kind: 'check', name, group, ok }),
  liveCounts: () => link.ask().counts,
  sharedArrays: new Map([...task.sharedArrays].map(([name, items]) => [name, unpackedItems(items)])),
  blocking: {
    sleep: (delayMs) => link.sleep(delayMs),
    request: (plans, isBatch) => {
      const { requests, jars } = plainRequests(plans, isBatch);
      return answersOf(link.request(requests), plans, jars);
    },
  },
  whyNotBlocking: '',
  pages: undefined,
  realmOf: () => new Realm(),
  sharesRealm: false,
  spreads: new Spreads(),
  onLine: (line) => link.say({ kind: 'line', line }),
  exceptions: new Exceptions((text) => link.say({ kind: 'exception', level: 'error', text })),
  pulse,
  log: (level, text) => link.say({ kind: 'log', level, text }),
  warnOnce: (text) => link.say({ kind: 'warn-once', level: 'warning', text }),
  startedAt: 0,
  abort: (exitCode, reason) => {
    link.say({ kind: 'abort', exitCode, reason });
    link.park();
  },
  refuse: (error) => {
    link.say({ kind: 'refuse', error: plainError(error) });
    return link.park();
  },
  guard: () => true,
  maxBodyBytes: 0,
  markFailed: (reason) => link.say({ kind: 'mark-failed', reason }),
};

function thrown(error: unknown): ThrownError {
  return { ...plainError(error), message: messageOf(error), described: bundle.describe(error) };
}

/** `performance.now()` of this thread for a time of the epoch. */
function startedAt(epochMs: number): void {
  run.startedAt = epochMs - performance.timeOrigin;
}

function hear(vu: Vu, message: ToThread): void {
  switch (message.kind) {
    case 'provide':
      vu.provide(message.setupJson);
      return;
    case 'activate':
      startedAt(message.startedAt);
      vu.activate({
        ...message.scenario,
        progress: () => link.ask().progress,
        nextIteration: 0,
        globalIteration: () => 0,
      });
      return;
    case 'play':
      void play(vu, message);
      return;
    case 'call':
      startedAt(message.startedAt);
      vu.callExport(message.name, message.dataJson).then(
        (json) => link.say({ kind: 'returned', json }),
        (error: unknown) => link.say({ kind: 'threw', error: thrown(error) }),
      );
      return;
    case 'summarize':
      startedAt(message.startedAt);
      vu.summarize(message.data).then(
        (written) => link.say({ kind: 'summarized', written }),
        (error: unknown) => link.say({ kind: 'threw', error: thrown(error) }),
      );
      return;
    case 'answered':
      http.of?.answered(message.id, message.answered);
  }
}

async function play(vu: Vu, { exec, inInstance, inTest }: ToThread & { kind: 'play' }): Promise<void> {
  if (vu.scenario !== undefined)
    vu.scenario = { ...vu.scenario, nextIteration: inInstance, globalIteration: () => inTest };
  await vu.play(exec);
  link.say({ kind: 'ended', tags: vu.tags });
}

watchLetGo(run);

async function main(): Promise<void> {
  if (bundle.namesPages) run.pages = await loadPages();
  let vu: Vu;
  try {
    vu = new Vu(run, (of) => (http.of = new ThreadHttp(of, link)), task.id, task.globalId);
  } catch (error) {
    link.say({ kind: 'failed', error: thrown(error) });
    return;
  }
  parentPort?.on('message', (message: ToThread) => hear(vu, message));
  link.say({ kind: 'ready' });
}

pulse.start();
closeRealm();
void main();
