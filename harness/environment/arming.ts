/** Arms crash points for the hop, one at a time: never are two replicas dead at once by an armed crash. */

import { setTimeout as delay } from 'node:timers/promises';
import { armCrashPoint } from './hooks-client.ts';
import type { Replica } from './replicas.ts';
import type { ServerEvent } from './server-events.ts';

export interface ArmerOptions {
  readonly replicas: readonly Replica[];
  readonly hooksToken: string;
  /** Rest after a replica's return before the next crash is armed, ms. */
  readonly restMs: number;
  /** Monotonic, ms. */
  readonly clock?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** What waits for its turn looks so often whether it has come. ms. */
const LOOK_MS = 10;
/** An armed point that was not reached within this time (the request was a replay, or got lost) blocks no further one. ms. */
const UNREACHED_MS = 300;
/** Who has not had its turn by then goes on unarmed: a store or a replica that stays away must not hang the run. ms. */
const TURN_LIMIT_MS = 8000;

export class Armer {
  readonly #options: ArmerOptions;
  readonly #clock: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;
  readonly #down = new Set<number>();
  /** Who waits; the first is next. */
  readonly #line: object[] = [];
  #freeAt = 0;
  /** Whose turn the last one was. */
  #lastKey: string | undefined;

  constructor(options: ArmerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#sleep = options.sleep ?? delay;
  }

  /** Must hear every event of the server. */
  hear(event: ServerEvent): void {
    if (event.event === 'crash' || event.event === 'exit') this.#down.add(event.replica);
    if (event.event !== 'recovered') return;
    this.#down.delete(event.replica);
    this.#freeAt = this.#clock() + this.#options.restMs;
  }

  /**
   * `http_arm`'s call for a request that goes to a replica. Resolves when the point is armed, a crash's after its turn
   * has come. Rejects, and the request goes on unarmed, when the turn does not come in time or `ended` says that
   * the fault is over, and when the hooks do not do it.
   */
  async arm(
    key: string | undefined,
    attributes: Readonly<Record<string, unknown>>,
    upstream: number,
    ended?: AbortSignal,
  ): Promise<void> {
    const { replicas, hooksToken } = this.#options;
    const replica = replicas[upstream];
    if (replica === undefined || key === undefined) throw new Error('no replica or key to arm');
    const { point, action, pause_ms: pauseMs } = attributes;
    const isCrash = action !== 'pause';
    if (isCrash) await this.#turn(key, ended);
    await armCrashPoint(replica.hooksUrl, hooksToken, {
      point: typeof point === 'string' ? point : 'after-debit',
      action: isCrash ? 'crash' : 'pause',
      key,
      replica: replica.index,
      ...(typeof pauseMs === 'number' && { pauseMs }),
    });
  }

  /** In the order of coming, so that nobody waits for ever. */
  async #turn(key: string, ended: AbortSignal | undefined): Promise<void> {
    // Two points of one redemption are one turn.
    if (key === this.#lastKey && this.#down.size === 0 && this.#clock() < this.#freeAt) return;
    const ticket = {};
    const deadline = this.#clock() + TURN_LIMIT_MS;
    this.#line.push(ticket);
    try {
      while (this.#line[0] !== ticket || !this.#isFree()) {
        if (ended?.aborted) throw new Error('the fault ended before its turn came');
        if (this.#clock() >= deadline)
          throw new Error(`no turn within ${TURN_LIMIT_MS} ms: other crashes came first`);
        await this.#sleep(LOOK_MS);
      }
      this.#freeAt = this.#clock() + UNREACHED_MS;
      this.#lastKey = key;
    } finally {
      this.#line.splice(this.#line.indexOf(ticket), 1);
    }
  }

  #isFree(): boolean {
    const isOneDown = this.#down.size > 0 || this.#options.replicas.some((one) => !one.isUp());
    return !isOneDown && this.#clock() >= this.#freeAt;
  }
}
