/** Plays a bundled scenario on either engine through a hop with request faults, and tells what was sent and decided. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import type { ArrivalRecord } from '../../harness/proxy/types.ts';
import type { RequestFaultSpec } from '../../harness/faults/schedule.ts';
import type { HistoryEvent, InvokeEvent } from '../../harness/history/events.ts';
import { play, startServer } from '../scenarios/support.ts';

/** What a run is made of: the same setting gives the same intents, keys, first attempts and decisions, on every engine. */
export interface Setting {
  readonly scenario: string;
  readonly seed: string;
  readonly runId: string;
  /** The script's own settings, e.g. `INTENTS`. */
  readonly load: Readonly<Record<string, string>>;
  /** Toxics of the hop. */
  readonly toxics: readonly RequestFaultSpec['toxic'][];
}

/** One attempt: what was sent, and what the hop decided for it. No times. */
export interface Deed {
  /** `<intent>.<n>` */
  readonly attempt: string;
  /** As it was sent; absent: none. */
  readonly key?: InvokeEvent['key'];
  readonly customer: string;
  readonly payload: string;
  /** Digest of another writing of the payload. */
  readonly body?: string;
  readonly actor?: string;
  readonly via?: string;
  /** True when it left before any answer for its intent was there: then nothing that was answered decided it. */
  readonly isFirst: boolean;
  /** Names of the toxics that were chosen for it, and the replica, from 1; absent when it did not reach the hop. */
  readonly decided?: { readonly faults: readonly string[]; readonly replica?: number };
}

/** What the real k6 did, as a file in `recorded/`. */
export interface Recording extends Setting {
  /** Version of the k6 that was recorded. */
  readonly k6: string;
  readonly deeds: readonly Deed[];
}

/** Plays on a right server of its own: the same keys can be sent again in the next run. */
export async function playBoth(
  engine: 'embedded' | 'k6',
  setting: Setting,
): Promise<{ readonly deeds: readonly Deed[]; readonly broken: number; readonly log: string }> {
  const server = await startServer();
  const arrivals: ArrivalRecord[] = [];
  const proxy = new ChaosProxy({
    seed: setting.seed,
    onArrival: (arrival) => arrivals.push(arrival),
    // The server is not to crash: what is compared is who was chosen.
    arm: async () => undefined,
  });
  try {
    const address = new URL(server.env['BASE_URL'] ?? '').host;
    // The same server under a second address stands for the other replica.
    const { listen: second } = await proxy.create({ name: 'second', upstream: address });
    const upstreams = [address, second];
    const { listen } = await proxy.create({ name: 'hop', mode: 'http', upstreams });
    for (const toxic of setting.toxics) await proxy.addToxic('hop', toxic);
    const played = await play(
      setting.scenario,
      {
        ...server.env,
        ...setting.load,
        SEED: setting.seed,
        RUN_ID: setting.runId,
        PROXY_URL: `http://${listen}`,
      },
      engine,
    );
    return {
      deeds: deedsOf(played.events, arrivals, upstreams),
      broken: played.counted('script_errors'),
      log: played.log,
    };
  } finally {
    await proxy.delete('hop');
    await proxy.delete('second');
    await server.close();
  }
}

function deedsOf(
  events: readonly HistoryEvent[],
  arrivals: readonly ArrivalRecord[],
  upstreams: readonly string[],
): Deed[] {
  // An attempt that was sent again on the way arrives twice, and meets the same decision.
  const decided = new Map<string, Deed['decided']>();
  for (const { attempt, copy, fault = [], upstream } of arrivals) {
    if (attempt === undefined || copy > 0) continue;
    const replica = upstream === undefined ? {} : { replica: upstreams.indexOf(upstream) + 1 };
    decided.set(attempt, { faults: fault.toSorted(), ...replica });
  }
  const intentOf = new Map<string, string>();
  const answered = new Set<string>();
  const deeds: Deed[] = [];
  for (const event of events) {
    if (event.type === 'complete') answered.add(intentOf.get(event.attempt) ?? '');
    if (event.type !== 'invoke') continue;
    intentOf.set(event.attempt, event.intent);
    const found = decided.get(event.attempt);
    deeds.push({
      attempt: event.attempt,
      ...(event.key === undefined ? {} : { key: event.key }),
      customer: event.customer,
      payload: event.payloadHash,
      ...(event.bodyHash === undefined ? {} : { body: event.bodyHash }),
      ...(event.actor === undefined ? {} : { actor: event.actor }),
      ...(event.via === 'script' ? {} : { via: event.via }),
      isFirst: !answered.has(event.intent),
      ...(found === undefined ? {} : { decided: found }),
    });
  }
  return deeds.toSorted((a, b) => a.attempt.localeCompare(b.attempt, 'en', { numeric: true }));
}

export function recordingPath(scenario: string): string {
  return fileURLToPath(new URL(`./recorded/${scenario}.ndjson`, import.meta.url));
}

/** First line the setting, then one attempt a line. */
export function writtenRecording({ deeds, ...head }: Recording): string {
  return [head, ...deeds].map((line) => `${JSON.stringify(line)}\n`).join('');
}

export function readRecording(scenario: string): Recording {
  const [head = '{}', ...lines] = readFileSync(recordingPath(scenario), 'utf8').trimEnd().split('\n');
  return {
    ...(JSON.parse(head) as Omit<Recording, 'deeds'>),
    deeds: lines.map((line) => JSON.parse(line) as Deed),
  };
}
