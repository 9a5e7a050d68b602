/** Arms crash points for the hop, one at a time: never are two replicas dead at once by an armed crash. */

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
}

/** An armed point that was not reached within this time (the request was a replay, or got lost) blocks no further one. ms. */
const UNREACHED_MS = 300;

export class Armer {
  readonly #options: ArmerOptions;
  readonly #clock: () => number;
  readonly #down = new Set<number>();
  #freeAt = 0;

  constructor(options: ArmerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** Must hear every event of the server. */
  hear(event: ServerEvent): void {
    if (event.event === 'crash' || event.event === 'exit') this.#down.add(event.replica);
    if (event.event !== 'recovered') return;
    this.#down.delete(event.replica);
    this.#freeAt = this.#clock() + this.#options.restMs;
  }

  /** `http_arm`'s call for a request that goes to a replica. Rejects when it is too soon after another crash: the request then goes on unarmed. */
  async arm(
    key: string | undefined,
    attributes: Readonly<Record<string, unknown>>,
    upstream: number,
  ): Promise<void> {
    const { replicas, hooksToken } = this.#options;
    const replica = replicas[upstream];
    if (replica === undefined || key === undefined) throw new Error('no replica or key to arm');
    const { point, action, pause_ms: pauseMs } = attributes;
    const isCrash = action !== 'pause';
    if (isCrash) this.#takeTurn();
    await armCrashPoint(replica.hooksUrl, hooksToken, {
      point: typeof point === 'string' ? point : 'after-debit',
      action: isCrash ? 'crash' : 'pause',
      key,
      replica: replica.index,
      ...(typeof pauseMs === 'number' && { pauseMs }),
    });
  }

  #takeTurn(): void {
    const isOneDown = this.#down.size > 0 || this.#options.replicas.some((one) => !one.isUp());
    if (isOneDown || this.#clock() < this.#freeAt) throw new Error('too soon after another crash');
    this.#freeAt = this.#clock() + UNREACHED_MS;
  }
}
