import { MetStand } from './stand.ts';
import type { CountedMessage, DoorMessage, DoorWindow, Stand, StandSpec } from './types.ts';

/** What a window needs of its door. */
export interface WindowDoor {
  /** The number of armed stands changes. */
  arm(by: 1 | -1): void;
  drop(window: CountingWindow): void;
}

export class CountingWindow implements DoorWindow {
  readonly counted: CountedMessage[] = [];
  readonly uncounted: DoorMessage[] = [];
  readonly #door: WindowDoor;
  readonly #stands: MetStand[] = [];
  /** Sequences of messages that the request may still be waiting for. */
  readonly #unanswered = new Set<number>();
  readonly #watchers = new Set<() => void>();
  #isOpen = true;

  constructor(door: WindowDoor) {
    this.#door = door;
  }

  /** Counts a message; gives back the stand that stands there, and the message as this window numbers it. */
  take(message: DoorMessage, hasReply: boolean, canStand: boolean): [MetStand, CountedMessage] | undefined {
    if (message.role === 'idle') {
      this.uncounted.push(message);
      return undefined;
    }
    if (hasReply) this.#unanswered.add(message.sequence);
    this.#stir();
    if (message.role !== 'work') {
      this.uncounted.push(message);
      return undefined;
    }
    const counted = { ...message, index: this.counted.length + 1 };
    this.counted.push(counted);
    const stand = canStand ? this.#stands.find((each) => each.matches(counted)) : undefined;
    return stand === undefined ? undefined : [stand, counted];
  }

  /** A message was answered, or never will be. */
  settle(sequence: number): void {
    if (this.#unanswered.delete(sequence)) this.#stir();
  }

  stand(spec: StandSpec): Stand {
    const stand = new MetStand(spec, () => this.#door.arm(-1));
    if (this.#isOpen) this.#stands.push(stand);
    this.#door.arm(1);
    if (!this.#isOpen) stand.cancel();
    return stand;
  }

  async quiet({
    quietMs,
    withinMs,
  }: {
    readonly quietMs: number;
    readonly withinMs: number;
  }): Promise<boolean> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const end = (isQuiet: boolean): void => {
        clearTimeout(timer);
        clearTimeout(bound);
        this.#watchers.delete(watch);
        resolve(isQuiet);
      };
      const bound = setTimeout(() => end(false), withinMs);
      const watch = (): void => {
        clearTimeout(timer);
        if (this.#unanswered.size === 0) timer = setTimeout(() => end(true), quietMs);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const stand of this.#stands) stand.cancel();
    this.#door.drop(this);
  }

  #stir(): void {
    for (const watch of this.#watchers) watch();
  }
}
