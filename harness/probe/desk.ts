/** What a probe is given, and what a customer of it needs of the bench. */

import type { ReadBack } from '../audit/read-back.ts';
import type { Capabilities } from '../history/events.ts';
import type { Contract } from '../model/contract.ts';
import type { Target } from '../model/target.ts';
import type { Books } from './books.ts';
import type { Sender } from './sender.ts';

/** A customer's clock: it stands while it is asked of. */
export interface Clock {
  readonly freeze: (customer: string) => Promise<void>;
  readonly advance: (customer: string, byMs: number) => Promise<void>;
  readonly release: (customer: string) => Promise<void>;
}

export interface BenchOptions {
  readonly target: Target;
  readonly contract: Contract;
  readonly capabilities: Capabilities;
  /** Replicas of the endpoint, without anything of ours between. */
  readonly baseUrls: readonly string[];
  readonly tokenFor: (customer: string) => Promise<string>;
  /** Whether requests carry a token at all. */
  readonly hasTokens: boolean;
  /** Makes a customer; gives a token of its own, where there is one beside that of `tokenFor`. Rejects with what went wrong. */
  readonly provision?: (customer: string, points: number) => Promise<string | undefined>;
  readonly credit?: (customer: string, points: number) => Promise<void>;
  readonly clock?: Clock;
  /** Lets the first replica take so long over the next request with this key. */
  readonly slow?: (key: string, ms: number, how: 'before' | 'after') => Promise<void>;
  /** Lets the first replica fail at the next request with this key: before its work, or after it. */
  readonly fail?: (key: string, how: 'before' | 'after') => Promise<void>;
  /** Customers that exist, where none can be made. */
  readonly customers: readonly string[];
  /** Another path that takes the same requests. */
  readonly otherPath?: string;
  readonly read: ReadBack;
  readonly timeoutMs: number;
  /** How long reads may lag behind what was done. ms */
  readonly lagMs: number;
  readonly maxAnswerBytes: number;
  readonly requestsPerSecond: number;
  readonly runId: string;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** The bench, as a customer sees it. */
export interface Desk {
  readonly options: BenchOptions;
  readonly sender: Sender;
  /** In the order of their prices. */
  readonly rewards: Target['rewards'];
  /** A name of the client that was never used before. */
  readonly name: () => string;
  /** Waits until one more request may be sent. */
  readonly turn: () => Promise<void>;
  readonly books: (customer: string) => Promise<Books>;
  /** A customer asks for something now. */
  readonly used: (customer: string) => void;
}
