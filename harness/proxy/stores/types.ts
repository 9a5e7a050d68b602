/** What a door is to those who stand at it. `openDoor` is in door.ts. */

/** `bytes` is for any store: its messages are the client's bytes after a pause. */
export type StoreKind = 'redis' | 'postgres' | 'mysql' | 'bytes';

export const STORE_KINDS: readonly StoreKind[] = ['redis', 'postgres', 'mysql', 'bytes'];

export interface DoorOptions {
  readonly kind: StoreKind;
  /** Where the store is, `host:port`. */
  readonly upstream: string;
  /** Where to listen, `host:port`; default `127.0.0.1:0`. */
  readonly listen?: string;
  /** Kind `bytes` only: a silence of the client that ends a message. Default 20. */
  readonly pauseMs?: number;
}

/**
 * `work`: counted. `setup`: what a connection or a statement needs before it works (HELLO, AUTH, startup, a lone Parse).
 * `idle`: pings, and names that were learnt while no request ran. The last two are told and never counted.
 */
export type MessageRole = 'work' | 'setup' | 'idle';

/** One message of a client to its store, known when its last byte is at the door. */
export interface DoorMessage {
  /** 1 for the door's first connection. */
  readonly connection: number;
  /** 1 for the door's first message, over all connections and roles. */
  readonly sequence: number;
  /** Command or statement with every value taken out: fit for history and report. */
  readonly name: string;
  readonly role: MessageRole;
}

/** A message of role `work`, seen since a window was opened. */
export interface CountedMessage extends DoorMessage {
  /** 1 for the window's first message, over all connections, in the order in which they were seen whole. */
  readonly index: number;
}

/**
 * `cut-before`: the store never gets the message. `cut-after`: the store has answered it, the client never hears.
 * `hold-message`, `hold-reply`: until `release` or `cut`; what comes behind on that connection waits, in order.
 * `watch`: passes, and is told.
 */
export type StandKind = 'cut-before' | 'cut-after' | 'hold-message' | 'hold-reply' | 'watch';

export interface StandSpec {
  readonly kind: StandKind;
  /** An index of the window, or a predicate that is asked once for each counted message, in order. */
  readonly at: number | ((message: CountedMessage) => boolean);
}

/** `armed` until it is met; `held` while something is withheld; `done` when nothing is, and for good. */
export type StandState = 'armed' | 'met' | 'held' | 'done' | 'cancelled';

/** One stand, met at most once. Its promises never reject; one that cannot come to pass any more resolves to `undefined`. */
export interface Stand {
  readonly spec: StandSpec;
  readonly state: StandState;
  /** The message is whole at the door, and nothing of it was passed yet. */
  readonly reached: Promise<CountedMessage | undefined>;
  /** The whole reply is at the door: the store has done it. Nothing of it was passed yet if the stand's kind says so. */
  readonly replied: Promise<CountedMessage | undefined>;
  /** Both connections are gone, or the stand was released or cancelled. */
  readonly done: Promise<void>;
  /** Passes what is withheld, also when the client is gone meanwhile: its message was on the way. */
  release(): void;
  /** Ends the connection; what is withheld is passed to nobody. */
  cut(): void;
  /** An armed stand is met no more; a held one is released. */
  cancel(): void;
}

/** Numbers messages from a request's arrival on. Several may be open at once; each counts for itself. */
export interface DoorWindow {
  readonly counted: readonly CountedMessage[];
  /** Setup and idle traffic since the window was opened. */
  readonly uncounted: readonly DoorMessage[];
  stand(spec: StandSpec): Stand;
  /**
   * Resolves to true when nothing of this window is withheld or unanswered and no message of any connection that counts
   * came for `quietMs`; to false when that did not come about within `withinMs`.
   */
  quiet(options: { readonly quietMs: number; readonly withinMs: number }): Promise<boolean>;
  /** Cancels its stands and counts no more. */
  end(): void;
}

/** Why a door cannot stand at a store's messages. */
export type RefusalCode =
  /** The store wants TLS and says so to a client that does not speak it. */
  | 'store-insists-on-tls'
  /** The client wants TLS, or speaks it unasked. */
  | 'client-insists-on-tls'
  | 'redis-cluster'
  | 'redis-sentinel'
  /** Not the protocol that the door was opened for. */
  | 'other-protocol';

export interface DoorRefusal {
  readonly code: RefusalCode;
  /** One sentence for people. */
  readonly message: string;
}

export type DoorEvent =
  | { readonly type: 'connected'; readonly connection: number }
  /** Seen whole at the door; `counted` has the index in each open window, oldest window first. */
  | { readonly type: 'message'; readonly message: DoorMessage }
  /** A stand was met. */
  | { readonly type: 'reached'; readonly message: DoorMessage; readonly stand: StandKind }
  /** What a stand withheld is passed. */
  | { readonly type: 'released'; readonly message: DoorMessage; readonly stand: StandKind }
  /** The reply to a message is whole at the door. */
  | { readonly type: 'reply'; readonly message: DoorMessage }
  /** From here on the connection's bytes pass unread: a subscription, a replication, another protocol. */
  | { readonly type: 'left-alone'; readonly connection: number; readonly reason: string }
  | { readonly type: 'ended'; readonly connection: number; readonly by: 'client' | 'store' | 'door' }
  | { readonly type: 'refused'; readonly connection: number; readonly refusal: DoorRefusal };

/**
 * Passes every byte of both directions in order, none lost, doubled or changed (but for the TLS and compression offers that
 * it answers with no), without delay unless somebody stands there.
 */
export interface Door {
  readonly kind: StoreKind;
  readonly port: number;
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** The first reason for which this door cannot do its work; it goes on passing bytes. */
  readonly refusal: DoorRefusal | undefined;
  /** Messages that came so far, of each role. */
  readonly counts: Readonly<Record<MessageRole, number>>;
  /** Called at each event, in order. Gives back what ends it. */
  onEvent(listener: (event: DoorEvent) => void): () => void;
  /** Each call numbers from 1 anew. Opened before the request is sent. */
  begin(): DoorWindow;
  /** Until the returned function is called, names are learnt as idle traffic; it gives back those that it knows. */
  learnIdle(): () => readonly string[];
  /** Cuts every connection; the door stays open. */
  cutAll(): void;
  /** Ends every connection and stand; resolves when the port is free. */
  close(): Promise<void>;
}
