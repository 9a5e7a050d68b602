/** Where a sweep can stand: at the messages of a replica to its store, or at the named points of the reference server. */

import type { Spot, SweepKind } from '../model/stand.ts';

/** What is done at a spot. `crash` is for named points only: a process is killed by whoever holds the message. */
export type Hold = 'cut-before' | 'cut-after' | 'hold-message' | 'hold-reply' | 'crash';

export interface Seen extends Spot {
  /** Which connection it came on; 0 where that means nothing. */
  readonly connection: number;
}

/** Someone stands at a spot, once. */
export interface Held {
  /** True when the request is there (`cut-after`, `hold-reply`: when the store has done it); false: never any more. */
  readonly reached: Promise<boolean>;
  /** The connection on which it was met. */
  readonly connection: () => number | undefined;
  /** What is withheld goes on. */
  release(): Promise<void>;
  /** What is withheld goes on to nobody: the connection ends. */
  cut(): Promise<void>;
}

/** Watches one replica from before a request on. */
export interface Watch {
  /** Messages so far, in order, each numbered within its door. */
  readonly seen: readonly Seen[];
  /** Setup and idle traffic so far. */
  readonly uncountedCount: () => number;
  stand(hold: Hold, spot: Spot): Held | Promise<Held>;
  /** Waits until nothing comes any more; false when it does not stop coming. */
  quiet(): Promise<boolean>;
  end(): Promise<void>;
}

export interface Spots {
  /** Whether a way's messages can be seen, or are only known by name. */
  readonly seesMessages: boolean;
  /** What the doors are, for the report. */
  readonly description: string;
  /** Kinds that cannot be had at these spots by nature, and why. */
  readonly missing: ReadonlyMap<SweepKind, string>;
  /** `key`: of the request that is to be stood at. `replica` from 0. */
  begin(about: { readonly replica: number; readonly key: string }): Watch;
  /** Why it cannot be stood here at all, as far as was seen. */
  refusal(): string | undefined;
  /** Learns what comes while no request runs. */
  learnIdle(): () => void;
}
