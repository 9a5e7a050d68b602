/** A request that stands at a spot, with everything that an act needs to do something about it. */

import type { FaultKind } from '../history/events.ts';
import type { SweepStand } from '../model/stand.ts';
import type { Answer, SweepIntent } from './client.ts';
import type { SweepContext } from './context.ts';
import type { Party } from './party.ts';
import type { Held, Watch } from './spots.ts';

export interface Standing {
  readonly context: SweepContext;
  readonly stand: SweepStand;
  readonly party: Party;
  readonly intent: SweepIntent;
  readonly watch: Watch;
  readonly held: Held;
  /** The answer to the request that stands, whatever it is. */
  readonly sending: Promise<Answer>;
  /** The other requests that an act sends: each with its answer, to be pursued to its end. */
  /** What an act started and need not wait for: awaited when the stand is over. */
  readonly loose: Promise<unknown>[];
  readonly others: { readonly intent: SweepIntent; readonly answer: Promise<Answer> }[];
}

/** The fault event of a stand, apart from its time and phase. */
export interface StandFault {
  readonly id: string;
  readonly name: string;
  readonly kind: FaultKind;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export function faultOf(stand: SweepStand, name: string, part: 'stand' | 'after' = 'stand'): StandFault {
  const { kind, door, k, name: message } = part === 'after' ? (stand.after ?? stand) : stand;
  const isProcess = kind.startsWith('kill') || kind === 'paused';
  const isPoint = door === 'server';
  const shown =
    isPoint && kind.startsWith('kill')
      ? `crash:${message}`
      : isProcess
        ? kind === 'paused'
          ? 'pause'
          : 'kill'
        : kind;
  return {
    id: `stand-${name}${part === 'after' ? '-first' : ''}`,
    name: shown,
    kind: isProcess || isPoint ? 'server' : 'store',
    target: isProcess || isPoint ? 'replica-1' : door,
    detail: {
      stand: stand.id,
      part,
      kind,
      door,
      k,
      name: message,
      ...(isPoint && kind.startsWith('kill') && { point: message }),
    },
  };
}
