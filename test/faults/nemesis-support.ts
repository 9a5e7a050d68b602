/** One fault at a time on a real environment: begun by the schedule, ended by heal. */

import { Nemesis } from '../../harness/faults/nemesis.ts';
import type { ResolvedSchedule } from '../../harness/faults/schedule.ts';
import type { TimedFault } from '../../harness/faults/timed-fault.ts';
import type { Environment } from '../../harness/environment/types.ts';
import { until } from '../../harness/environment/store.ts';
import type { FaultEvent } from '../../harness/history/events.ts';

export function scheduleOf(
  timed: readonly TimedFault[],
  http: ResolvedSchedule['http'] = [],
): ResolvedSchedule {
  return { profile: 'test', kinds: [], http, timed, left: [] };
}

/** A fault that begins at once and lasts longer than any test: only heal ends it. */
export function endless(fault: Pick<TimedFault, 'action' | 'where'> & Partial<TimedFault>): TimedFault {
  const kinds = { edge: 'edge', 'store-path': 'store-path', replica: 'server', store: 'store' } as const;
  return {
    id: `${fault.action}#1`,
    name: fault.action,
    kind: kinds[fault.where],
    startMs: 0,
    durationMs: 3_600_000,
    detail: {},
    ...fault,
  };
}

export interface Watched {
  readonly nemesis: Nemesis;
  readonly events: FaultEvent[];
  /** Waits until so many events have been written. */
  readonly seen: (count: number) => Promise<boolean>;
}

export function startNemesis(environment: Environment, schedule: ResolvedSchedule): Watched {
  const events: FaultEvent[] = [];
  const nemesis = new Nemesis({
    environment,
    schedule,
    emit: (event) => event.type === 'fault' && events.push(event),
  });
  nemesis.start();
  return { nemesis, events, seen: (count) => until(async () => events.length >= count, 30_000) };
}

export const shown = (events: readonly FaultEvent[]): readonly string[] =>
  events.map(({ phase, name, kind, target }) => `${phase} ${name} (${kind}) ${target}`);

/** What is wrong on the proxies: toxics that are there, proxies that are down. */
export async function leftovers({ hopProxy, driver }: Environment): Promise<readonly string[]> {
  const states = [...(await hopProxy.list()), ...(await driver.list())];
  return states.flatMap(({ name, enabled, toxics }) => [
    ...(enabled ? [] : [`${name} is down`]),
    ...toxics.map((toxic) => `${toxic.name} at ${name}`),
  ]);
}
