/** How a stand is told in a story: its fault events carry where it was. */

import { KIND_TEXT, SWEEP_KINDS, type SweepKind } from '../model/stand.ts';
import type { FaultEvent } from '../history/events.ts';
import { visible } from './format.ts';

type Told = Pick<FaultEvent, 'name' | 'phase' | 'detail'>;

/** Undefined for a fault that belongs to no stand. */
export function standText(fault: Told): string | undefined {
  const { detail } = fault;
  if (typeof detail?.['stand'] !== 'string') return undefined;
  const spot = `message ${String(detail['k'])} to ${visible(String(detail['door']))} (${visible(String(detail['name']))})`;
  if (fault.phase === 'end') return endText(detail['outcome'], spot);
  const kind = detail['kind'];
  return isKind(kind) ? `${KIND_TEXT[kind]}: ${spot}` : `${visible(fault.name)} at ${spot}`;
}

function endText(outcome: unknown, spot: string): string {
  if (outcome === 'serialised') return `the other one waits for the first: ${spot} is let go`;
  if (outcome === 'queued') return `the other one's messages stand right behind: ${spot} is let go`;
  return `nobody stands at ${spot} any more`;
}

/** What fits onto a bar. */
export function standLabel({ name, detail }: Pick<FaultEvent, 'name' | 'detail'>): string {
  return `${visible(name)} · ${String(detail?.['k'])} ${visible(String(detail?.['name']))}`;
}

/** The lane on which it is drawn. */
export function standDoor({ detail }: Pick<FaultEvent, 'detail'>): string | undefined {
  const door = detail?.['door'];
  return typeof detail?.['stand'] === 'string' && typeof door === 'string' ? visible(door) : undefined;
}

function isKind(value: unknown): value is SweepKind {
  return (SWEEP_KINDS as readonly unknown[]).includes(value);
}
