/** The named points of the reference server on its memory store: stands without a store to stand before. */

import { setTimeout as sleep } from 'node:timers/promises';
import { armCrashPoint, disarmCrashPoints } from '../environment/hooks-client.ts';
import type { Environment } from '../environment/types.ts';
import { CRASH_POINTS } from '../model/protocol.ts';
import type { Spot } from '../model/stand.ts';
import type { Held, Hold, Seen, Spots, Watch } from './spots.ts';

export const POINTS_DOOR = 'server';

/** The points in the order of a redemption. */
export const POINT_SPOTS: readonly Spot[] = CRASH_POINTS.map((name, index) => ({
  door: POINTS_DOOR,
  k: index + 1,
  name,
}));

/** How long a process that has died is waited for to have told at which point: its connections may break before. ms */
const LAST_WORD_MS = 500;

const NO_MESSAGE = 'a named point has no message that could be cut or answered: --store redis has them';

export function pointSpots(environment: Environment): Spots {
  return {
    seesMessages: false,
    description: 'four named points of the reference server on its memory store',
    missing: new Map([
      ['cut-before', NO_MESSAGE],
      ['cut-after', NO_MESSAGE],
      ['reply-held', NO_MESSAGE],
      ['kill-after', 'a crash at a named point is one kind'],
      ['paused', 'the replicas are one process on the memory store'],
    ]),
    begin: ({ replica, key }) => new PointWatch(environment, replica, key),
    refusal: () => undefined,
    learnIdle: () => () => {},
  };
}

class PointWatch implements Watch {
  readonly seen: readonly Seen[] = POINT_SPOTS.map((spot) => ({ ...spot, connection: 0 }));
  readonly uncountedCount = (): number => 0;
  readonly #environment: Environment;
  readonly #replica: number;
  readonly #key: string;
  #giveUp: () => void = () => {};
  /** Whether an armed crash came; resolved where none was armed. */
  #reached: Promise<unknown> = Promise.resolve();

  constructor(environment: Environment, replica: number, key: string) {
    this.#environment = environment;
    this.#replica = replica;
    this.#key = key;
  }

  async stand(hold: Hold, { name }: Spot): Promise<Held> {
    const { hooksUrls, hooksToken, subscribe } = this.#environment;
    const hooksUrl = hooksUrls[this.#replica] ?? '';
    let resolve: (isReached: boolean) => void = () => {};
    const reached = new Promise<boolean>((done) => (resolve = done));
    if (hold === 'crash') this.#reached = reached;
    const event = hold === 'crash' ? 'crash' : 'held';
    const unsubscribe = subscribe((told) => {
      if (told.event === event && told.point === name && told.key === this.#key) resolve(true);
    });
    this.#giveUp = () => {
      unsubscribe();
      resolve(false);
    };
    const action = hold === 'crash' ? 'crash' : 'hold';
    await armCrashPoint(hooksUrl, hooksToken, {
      point: name,
      action,
      key: this.#key,
      replica: this.#replica + 1,
    });
    const release = () => disarmCrashPoints(hooksUrl, hooksToken);
    return { reached, connection: () => undefined, release, cut: release };
  }

  // Nothing of a redemption goes on behind its answer's last point, but word of a crash may come after its answer has not.
  async quiet(): Promise<boolean> {
    const late = new AbortController();
    const end = sleep(LAST_WORD_MS, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([this.#reached, end]);
    late.abort();
    return true;
  }

  async end(): Promise<void> {
    this.#giveUp();
    await disarmCrashPoints(this.#environment.hooksUrls[this.#replica] ?? '', this.#environment.hooksToken);
  }
}
