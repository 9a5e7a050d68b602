/** The messages of each replica to its stores, stood at by doors. */

import type { StoreDoor } from '../environment/types.ts';
import type { DoorWindow, Stand, StandKind } from '../proxy/stores/types.ts';
import type { Spot } from '../model/stand.ts';
import type { Held, Hold, Seen, Spots, Watch } from './spots.ts';

/** So long without a message, with all of them answered, and a request has no more to say. */
const QUIET_MS = 60;
const QUIET_LIMIT_MS = 3000;

export function doorSpots(doors: readonly StoreDoor[]): Spots {
  const isAlone = new Set(doors.map(({ replica }) => replica)).size === 1;
  return {
    seesMessages: true,
    description: [...new Set(doors.map(({ store, door }) => `${store} (${door.kind})`))].join(', '),
    missing: new Map(),
    begin: ({ replica }) =>
      new DoorWatch(isAlone ? doors : doors.filter((one) => one.replica === replica + 1)),
    refusal: () => doors.map(({ door }) => door.refusal?.message).find((message) => message !== undefined),
    learnIdle: () => {
      const learners = doors.map(({ door }) => door.learnIdle());
      return () => {
        for (const stop of learners) stop();
      };
    },
  };
}

class DoorWatch implements Watch {
  readonly #windows: readonly { readonly store: string; readonly window: DoorWindow }[];

  constructor(doors: readonly StoreDoor[]) {
    this.#windows = doors.map(({ store, door }) => ({ store, window: door.begin() }));
  }

  get seen(): readonly Seen[] {
    const all = this.#windows.flatMap(({ store, window }) =>
      window.counted.map(({ index, name, connection, sequence }) => ({
        door: store,
        k: index,
        name,
        connection,
        sequence,
      })),
    );
    return all.map(({ door, k, name, connection }) => ({ door, k, name, connection }));
  }

  readonly uncountedCount = (): number =>
    this.#windows.reduce((sum, { window }) => sum + window.uncounted.length, 0);

  stand(hold: Hold, { door, k, name }: Spot): Held {
    const window = this.#windows.find(({ store }) => store === door)?.window;
    if (window === undefined || hold === 'crash') throw new Error(`no door ${door}`);
    // Another message in this place is another way: then this stand is not met.
    const stand = window.stand({ kind: hold, at: (message) => message.index === k && message.name === name });
    return new HeldMessage(stand, hold);
  }

  async quiet(): Promise<boolean> {
    const waits = this.#windows.map(({ window }) =>
      window.quiet({ quietMs: QUIET_MS, withinMs: QUIET_LIMIT_MS }),
    );
    return (await Promise.all(waits)).every(Boolean);
  }

  async end(): Promise<void> {
    for (const { window } of this.#windows) window.end();
  }
}

class HeldMessage implements Held {
  readonly reached: Promise<boolean>;
  readonly #stand: Stand;
  #connection: number | undefined;

  constructor(stand: Stand, hold: StandKind) {
    this.#stand = stand;
    const isOfReply = hold === 'hold-reply' || hold === 'cut-after';
    const met = isOfReply ? stand.replied : stand.reached;
    this.reached = met.then((message) => {
      this.#connection = message?.connection;
      return message !== undefined;
    });
  }

  readonly connection = (): number | undefined => this.#connection;

  async release(): Promise<void> {
    this.#stand.release();
    await this.#stand.done;
  }

  async cut(): Promise<void> {
    this.#stand.cut();
    await this.#stand.done;
  }
}
