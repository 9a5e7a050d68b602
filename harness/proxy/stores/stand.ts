import type { CountedMessage, Stand, StandSpec, StandState } from './types.ts';

/** What a stand needs of the connection on which it was met. */
export interface Holder {
  release(stand: MetStand): void;
  /** Resolves when both sockets are gone. */
  cut(stand: MetStand): Promise<void>;
}

export class MetStand implements Stand {
  readonly spec: StandSpec;
  readonly reached: Promise<CountedMessage | undefined>;
  readonly replied: Promise<CountedMessage | undefined>;
  readonly done: Promise<void>;
  #state: StandState = 'armed';
  #holder: Holder | undefined;
  #message: CountedMessage | undefined;
  readonly #onDisarm: () => void;
  readonly #resolve: {
    reached: (message: CountedMessage | undefined) => void;
    replied: (message: CountedMessage | undefined) => void;
    done: () => void;
  };

  constructor(spec: StandSpec, onDisarm: () => void) {
    this.spec = spec;
    this.#onDisarm = onDisarm;
    const [reached, resolveReached] = deferred<CountedMessage | undefined>();
    const [replied, resolveReplied] = deferred<CountedMessage | undefined>();
    const [done, resolveDone] = deferred<void>();
    this.reached = reached;
    this.replied = replied;
    this.done = done;
    this.#resolve = { reached: resolveReached, replied: resolveReplied, done: resolveDone };
  }

  get state(): StandState {
    return this.#state;
  }

  get message(): CountedMessage | undefined {
    return this.#message;
  }

  matches(message: CountedMessage): boolean {
    if (this.#state !== 'armed') return false;
    const { at } = this.spec;
    return typeof at === 'number' ? at === message.index : at(message);
  }

  /** The message for which it stands has come; the connection acts when the message's turn is. */
  claim(message: CountedMessage, holder: Holder): void {
    this.#message = message;
    this.#holder = holder;
    this.#state = 'met';
    this.#onDisarm();
  }

  /** The message's turn has come. */
  meet(isHeld: boolean): void {
    if (isHeld) this.#state = 'held';
    this.#resolve.reached(this.#message);
  }

  reply(isHeld: boolean): void {
    if (isHeld) this.#state = 'held';
    this.#resolve.replied(this.#message);
    if (this.spec.kind === 'watch') this.finish();
  }

  /** Its reply has not come and will not any more. */
  abandonReply(): void {
    this.#resolve.replied(undefined);
  }

  /** Nothing is withheld any more. */
  finish(): void {
    if (this.#state !== 'cancelled') this.#state = 'done';
    this.#resolve.done();
  }

  /** What has not come to pass will not any more. */
  abandon(): void {
    this.#resolve.reached(undefined);
    this.#resolve.replied(undefined);
    this.finish();
  }

  release(): void {
    if (this.#state === 'held' || this.#state === 'met') this.#holder?.release(this);
  }

  cut(): void {
    if (this.#state !== 'held' && this.#state !== 'met') return;
    void this.#holder?.cut(this);
  }

  cancel(): void {
    if (this.#state === 'armed') {
      this.#state = 'cancelled';
      this.#onDisarm();
      this.abandon();
    } else this.release();
  }
}

function deferred<Value>(): [Promise<Value>, (value: Value) => void] {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((fulfil) => {
    resolve = fulfil;
  });
  return [promise, resolve];
}
