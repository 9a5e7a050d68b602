/** Who has a lane, and how it is called. */

import type { FaultEvent } from '../history/events.ts';
import type { Facts } from './facts.ts';
import { visible } from './format.ts';
import { standDoor } from './stand-words.ts';

export const MAX_LANES = 12;

export interface NamedLane {
  readonly name: string;
  readonly kind: 'fault' | 'client' | 'hop' | 'replica' | 'store' | 'ledger';
}

export const CLIENT = 'client';
export const HOP = 'hop';
export const LEDGER = 'ledger';
export const FAULTS = 'faults';
export const CLOCK = 'clock';
export const OTHER_REPLICAS = 'more replicas';

export function replicaLane(upstream: string): string {
  return visible(upstream).replace(/^https?:\/\//, '');
}

/** Ledger is last; hop and replicas are there only when a hop saw the requests. */
export function laneNames(facts: Facts, upstreams: readonly string[]): NamedLane[] {
  const hasHop = facts.strays.length > 0 || facts.attempts.some((attempt) => attempt.arrivals.length > 0);
  const replicas = upstreams
    .slice(0, MAX_LANES)
    .map((name) => ({ name: replicaLane(name), kind: 'replica' as const }));
  if (upstreams.length > MAX_LANES) replicas.push({ name: OTHER_REPLICAS, kind: 'replica' });
  return [
    { name: FAULTS, kind: 'fault' },
    ...(facts.clocks.length > 0 ? [{ name: CLOCK, kind: 'fault' as const }] : []),
    { name: CLIENT, kind: 'client' },
    ...(hasHop ? [{ name: HOP, kind: 'hop' as const }] : []),
    ...replicas,
    ...storesOf(facts).map((name) => ({ name, kind: 'store' as const })),
    { name: LEDGER, kind: 'ledger' },
  ];
}

/** Stores at whose door somebody stood. */
function storesOf({ faults }: Facts): string[] {
  return [...new Set(faults.flatMap((fault) => standDoor(fault) ?? []))];
}

export function upstreamsOf(facts: Facts): string[] {
  const names = new Set<string>();
  for (const { arrivals } of facts.attempts)
    for (const { upstream } of arrivals) if (upstream !== undefined) names.add(upstream);
  for (const { upstream } of facts.strays) if (upstream !== undefined) names.add(upstream);
  return [...names].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** `replica-2` and a fault whose target ends in 2, or whose detail says replica 2; ports are no numbers of replicas. */
export function sameReplica(upstream: string, fault: FaultEvent): boolean {
  const own = trailingNumber(upstream);
  if (own === undefined) return false;
  const named = fault.detail?.['replica'];
  return typeof named === 'number' ? named === own : trailingNumber(fault.target) === own;
}

function trailingNumber(name: string): number | undefined {
  const digits = /(?:^|\D)(\d{1,3})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
