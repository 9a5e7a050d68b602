/** What a forgery is: one lie about one customer, begun at a moment of real traffic, told in answers and reads from then on. */

import type { LedgerConfig } from '../config/define.ts';
import type { Contract } from '../model/contract.ts';
import type { Target } from '../model/target.ts';
import type { Rule } from '../model/verdict.ts';
import type { Told } from './wire-edits.ts';

/**
 * When a lie can begin. `first`: a redemption was done under a new key. `replay`: a finished key was answered again. The
 * others are refusals that the contract wants, and that the endpoint has just given.
 */
export type Moment =
  'first' | 'replay' | 'missing-key' | 'malformed-key' | 'other-payload' | 'expired' | 'second-key';

/** A redemption that was really done. */
export interface Done {
  readonly key: string;
  readonly told: Told;
  /** Absent where answers do not name it. */
  readonly redemption?: string;
  readonly points: number;
}

/** What is known when a lie begins. */
export interface Begun {
  readonly target: Target;
  readonly contract: Contract;
  readonly key: string | undefined;
  /** The real answer at this moment. */
  readonly told: Told;
  /** Of the key; where that has none, the customer's first. */
  readonly done: Done;
  /** A redemption of somebody else that was really done. */
  readonly other: { readonly customer: string; readonly done: Done } | undefined;
  /** A name that nothing has. */
  readonly newName: string;
}

/** What is told from the moment on. Absent: the truth. */
export interface Lie {
  /** Each answer to a redeem request of the customer, the one at the moment among them; `nth` counts from 1. */
  readonly answer?: (told: Told, asked: { readonly key: string | undefined; readonly nth: number }) => Told;
  /** Each page of the list, each balance; `nth` counts the reads of that kind, from 1. */
  readonly list?: (told: Told, nth: number) => Told;
  readonly balance?: (told: Told, nth: number) => Told;
  readonly ledger?: (ledger: LedgerConfig) => LedgerConfig;
}

export interface Forgery {
  readonly name: string;
  /** That has to fire. */
  readonly rule: Rule;
  /** What it makes of the wire, as a sentence without a subject. */
  readonly text: string;
  readonly moment: Moment;
  /** The bundled scenario whose traffic has this moment. */
  readonly scenario: 'double-click' | 'key-reuse' | 'key-expiry';
  /** Why it cannot be told where a config is so; undefined: it can. */
  readonly impossible?: (target: Target, contract: Contract, readLagMs: number) => string | undefined;
  /** Undefined: not at this customer. */
  readonly begin: (begun: Begun) => Lie | undefined;
}
