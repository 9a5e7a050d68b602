/**
 * The words of a sweep: at which message of a redemption to its store somebody stands, and what is done there.
 * Dependency-free: history, checker and report share them.
 */

/** What is done at a message. The order is that of the grid's columns. */
export const SWEEP_KINDS = [
  'cut-before',
  'cut-after',
  'reply-held',
  'kill-before',
  'kill-after',
  'paused',
  'client-retries',
  'same-key',
  'same-key-elsewhere',
  'other-key',
  'other-payload',
  'last-points',
  'read',
  'past-lease',
  'past-expiry',
] as const;
export type SweepKind = (typeof SWEEP_KINDS)[number];

/** What each kind does, as one sentence part. */
export const KIND_TEXT: Readonly<Record<SweepKind, string>> = {
  'cut-before': 'the connection is cut before the message',
  'cut-after': 'the connection is cut after it: done, and the reply is lost',
  'reply-held': 'its reply is held until the request has ended',
  'kill-before': 'the process is killed before it',
  'kill-after': 'the process is killed after it',
  paused: 'the process is stopped there until its client has come back elsewhere',
  'client-retries': 'it is held longer than the client waits, and the client comes again',
  'same-key': 'it is held while the same key runs whole',
  'same-key-elsewhere': 'it is held while the same key runs whole at another replica',
  'other-key': 'it is held while the same redemption under another key runs whole',
  'other-payload': 'it is held while the same key with another payload runs whole',
  'last-points': 'it is held while another intent takes the last points',
  read: 'it is held while balance and list are read',
  'past-lease': 'it is held until the same key is let in again',
  'past-expiry': "it is held past the key's expiry, and the same key comes again",
};

/** Which way through the endpoint's code: `fresh` is a first use; `recovery` the retry after a first disturbance. */
export const SWEEP_WAYS = ['fresh', 'replay', 'refusal', 'expired', 'recovery'] as const;
export type SweepWay = (typeof SWEEP_WAYS)[number];

export const WAY_TEXT: Readonly<Record<SweepWay, string>> = {
  fresh: 'a first use of a key',
  replay: 'the same key again, finished',
  refusal: 'too few points',
  expired: 'the same key, expired',
  recovery: 'the retry after a disturbance',
};

/** One message of a way: the k-th that goes through one door. */
export interface Spot {
  /** Name of the store in the config, or `server` for the named points of the reference server. */
  readonly door: string;
  /** From 1. */
  readonly k: number;
  /** Command or statement without values, or the name of the point. */
  readonly name: string;
}

/** One stand of a sweep. Its id names its customers and intents, too. */
export interface SweepStand extends Spot {
  readonly id: string;
  readonly kind: SweepKind;
  readonly way: SweepWay;
  /** What was done to the first attempt before; the stand is at its retry then. */
  readonly after?: Spot & { readonly kind: 'cut-before' | 'cut-after' | 'kill-before' | 'kill-after' };
}

/** One stand by its place alone, as people name it. */
export interface AskedStand {
  readonly kind: SweepKind;
  readonly door: string;
  readonly k: number;
  readonly way: SweepWay;
  /** Way `recovery`: where the first attempt was disturbed, and how. */
  readonly after?: { readonly kind: string; readonly door: string; readonly k: number };
}

/**
 * `cut-before@db:3` of a first use; `cut-before@db:1/replay` of another way; `same-key@db:2/cut-after@db:3` of the retry after
 * a first disturbance.
 */
export function standName({ kind, door, k, way, after }: AskedStand): string {
  const place = `${kind}@${door}:${k}`;
  if (after !== undefined) return `${place}/${after.kind}@${after.door}:${after.k}`;
  return way === 'fresh' ? place : `${place}/${way}`;
}

/** The other way round; undefined when the text names no stand. */
export function readStandName(text: string): AskedStand | undefined {
  const [place, rest, ...more] = text.split('/');
  const spot = readPlace(place);
  const kind = SWEEP_KINDS.find((one) => one === spot?.kind);
  if (spot === undefined || kind === undefined || more.length > 0) return undefined;
  if (rest === undefined) return { ...spot, kind, way: 'fresh' };
  const after = readPlace(rest);
  if (after !== undefined) return { ...spot, kind, way: 'recovery', after };
  const way = SWEEP_WAYS.find((one) => one === rest && one !== 'recovery');
  return way === undefined ? undefined : { ...spot, kind, way };
}

function readPlace(
  text = '',
): { readonly kind: string; readonly door: string; readonly k: number } | undefined {
  const [, kind, door, k] = /^([a-z-]+)@([\w-]+):([1-9]\d{0,3})$/.exec(text) ?? [];
  return kind === undefined || door === undefined ? undefined : { kind, door, k: Number(k) };
}

/** What a sweep set out to do, in the plan and in the run event. */
export interface SweepFacts {
  /** 1, or 2: two stands at once. */
  readonly depth: number;
  /** Those that were chosen, in the order in which they are taken. */
  readonly stands: readonly SweepStand[];
  /** How many there are with those that the budget left out. */
  readonly known: number;
  /** Kinds that cannot be had here, and why. */
  readonly left: readonly { readonly kind: string; readonly why: string }[];
  /** The messages of each way, undisturbed. */
  readonly ways: readonly {
    readonly way: SweepWay;
    readonly messages: readonly Spot[];
    /** Traffic beside them that was told and not counted. */
    readonly uncounted: number;
  }[];
}

/**
 * How a stand ended: `held`: met, and everything happened there; `serialised`: the other request waited for the first;
 * `queued`: its messages stood behind the held one on a shared connection, and came right after it.
 */
export type StandOutcome = 'held' | 'serialised' | 'queued';

/** The name of intents and customers made for a stand's n-th try begins so. */
export function tryName(stand: string, attempt: number): string {
  return attempt === 1 ? stand : `${stand}t${attempt}`;
}

/** The stand to which an intent (`s12-a`, `s12t2-b`) or a customer (`…_s12t2`) belongs. */
export function standOfName(name: string): string | undefined {
  return /(?:^|_)(s\d+)(?:t\d+)?(?:-[a-z]+)?$/.exec(name)?.[1];
}
