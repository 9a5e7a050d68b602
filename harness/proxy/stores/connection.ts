import { connect, type Socket } from 'node:net';
import type { Address } from '../address.ts';
import { closed } from '../listener.ts';
import type { Conversation, Ear, Spoken } from './conversation.ts';
import { Lane } from './lane.ts';
import type { Holder, MetStand } from './stand.ts';
import type { DoorEvent, DoorMessage, DoorRefusal } from './types.ts';

/** A message or an answer larger than this is not waited for: it is passed and cannot be stood at. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** How long a store may take to answer what came before a cut, and to close its side behind it. */
const CUT_LINGER_MS = 1000;

/** What a connection needs of its door. */
export interface ConnectionDoor {
  readonly upstream: Address;
  /** Whether a stand waits for its message, so that no message may be passed in part. */
  readonly isArmed: boolean;
  converse(ear: Ear): Conversation;
  /** Numbers a message, tells it, and gives back the stand that waits for it. */
  register(connection: DoorConnection, spoken: Spoken, canStand: boolean): Registered;
  /** The message was answered, or never will be. */
  settle(sequence: number): void;
  tell(event: DoorEvent): void;
  refuse(connection: number, refusal: DoorRefusal): void;
  closed(connection: DoorConnection): void;
}

export interface Registered {
  readonly message: DoorMessage;
  readonly stand: MetStand | undefined;
}

const NOTHING = Buffer.alloc(0);

interface Waiting extends Registered {
  readonly spoken: Spoken;
}

/** A client's connection, its connection to the store, and who stands between them. */
export class DoorConnection implements Ear, Holder {
  readonly number: number;
  readonly #door: ConnectionDoor;
  readonly #client: Socket;
  readonly #store: Socket;
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #conversation: Conversation;
  /** Seen whole and not yet passed, in order. */
  readonly #waiting: Waiting[] = [];
  /** Passed and not yet answered. */
  readonly #unanswered = new Map<Spoken, Registered>();
  /** Stands whose reply has to be withheld, so that no reply may be passed in part. */
  #replyStands = 0;
  #heldMessage: Waiting | undefined;
  #heldReply: MetStand | undefined;
  /** Held at a message that the store will not get. */
  #cutter: MetStand | undefined;
  /** Behind the last whole reply that came. */
  #repliesEnd = 0;
  #areRepliesCollected = false;
  readonly #collected: [Spoken, number][] = [];
  #isCut = false;
  #hasClientEnded = false;
  #hasEnded = false;

  constructor(number: number, client: Socket, door: ConnectionDoor) {
    this.number = number;
    this.#door = door;
    this.#client = client;
    this.#store = connect({ ...door.upstream, allowHalfOpen: true, noDelay: true });
    this.#up = new Lane(client, this.#store);
    this.#down = new Lane(this.#store, client);
    this.#conversation = door.converse(this);
    this.#listen();
  }

  /** A stand was armed or met elsewhere: what was kept back for it need not wait. */
  rearm(): void {
    if (!this.#isCut && this.#up.waitingBytes > 0) this.#pump();
  }

  // What the parser tells.

  message(spoken: Spoken): void {
    const canStand = !this.#isCut && spoken.start >= this.#up.passed;
    this.#waiting.push({ ...this.#door.register(this, spoken, canStand), spoken });
  }

  reply(spoken: Spoken, end: number): void {
    // What came before it in the same piece is passed first, so that a cut takes this reply only.
    if (this.#areRepliesCollected) this.#collected.push([spoken, end]);
    else this.#takeReply(spoken, end);
  }

  answer(bytes: Buffer): void {
    this.#client.write(bytes);
  }

  leaveAlone(reason: string): void {
    this.#door.tell({ type: 'left-alone', connection: this.number, reason });
  }

  refuse(refusal: DoorRefusal): void {
    this.#door.refuse(this.number, refusal);
  }

  // What a stand asks for.

  release(stand: MetStand): void {
    if (this.#isCut) return;
    if (this.#heldMessage?.stand === stand && this.#cutter === undefined) {
      const held = this.#heldMessage;
      this.#heldMessage = undefined;
      this.#waiting.shift();
      this.#door.tell({ type: 'released', message: held.message, stand: stand.spec.kind });
      this.#pass(held);
      stand.finish();
      this.#pump();
    } else if (this.#heldReply === stand) {
      this.#heldReply = undefined;
      if (stand.message !== undefined)
        this.#door.tell({ type: 'released', message: stand.message, stand: stand.spec.kind });
      stand.finish();
      this.#limitReplies();
    }
  }

  /** Closes both sides now, with nothing passed any more; resolves when both sockets are gone. */
  async cut(stand?: MetStand): Promise<void> {
    if (!this.#isCut) {
      this.#isCut = true;
      this.#ended('door');
      this.#up.discard();
      this.#down.discard();
      this.#client.destroySoon();
      this.#store.end();
      setTimeout(() => this.#store.destroy(), CUT_LINGER_MS).unref();
      this.#settleAll(stand);
    }
    await Promise.all([closed(this.#client), closed(this.#store)]);
    stand?.finish();
  }

  #listen(): void {
    this.#client.on('data', (bytes: Buffer) => {
      if (this.#isCut) return;
      const { isArmed } = this.#door;
      const passed = this.#conversation.client(bytes);
      // Nothing of it may pass before it is clear who stands there.
      if (isArmed && this.#up.waitingBytes === 0) this.#up.limitTo(this.#up.passed);
      this.#up.push(passed);
      this.#pump();
    });
    this.#store.on('data', (bytes: Buffer) => {
      if (this.#isCut) return;
      this.#areRepliesCollected = this.#replyStands > 0 || this.#cutter !== undefined;
      const passed = this.#conversation.store(bytes);
      this.#down.push(passed);
      if (!this.#areRepliesCollected) return;
      this.#areRepliesCollected = false;
      for (const [spoken, end] of this.#collected.splice(0)) if (!this.#isCut) this.#takeReply(spoken, end);
      // An answer too large to wait for counts as come.
      if (this.#replyStands > 0 && this.#down.waitingBytes > MAX_MESSAGE_BYTES) this.#giveUpReply();
    });
    this.#client.on('end', () => {
      this.#ended('client');
      this.#up.push(this.#conversation.clientEnded?.() ?? NOTHING);
      // No message is whole any more that is not now.
      this.#hasClientEnded = true;
      this.#pump();
      this.#up.finish();
    });
    this.#store.on('end', () => {
      this.#ended('store');
      this.#down.push(this.#conversation.storeEnded?.() ?? NOTHING);
      this.#down.finish();
    });
    // The reason of an end is the other side's business; the end itself comes with 'close'.
    this.#client.on('error', () => {});
    this.#store.on('error', () => {});
    let openCount = 2;
    const noteClose = (): void => {
      if (--openCount > 0) return;
      this.#settleAll();
      this.#door.closed(this);
    };
    this.#client.on('close', () => {
      this.#ended('client');
      // A message that is held was on the way when its sender went: it may still be released.
      this.#up.finish();
      this.#down.discard();
      noteClose();
    });
    this.#store.on('close', () => {
      this.#ended('store');
      this.#down.finish();
      this.#up.discard();
      noteClose();
    });
  }

  /** Passes messages up to the first at which somebody stands. */
  #pump(): void {
    if (this.#heldMessage !== undefined || this.#isCut) return;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { stand, spoken } = first;
      if (stand !== undefined && !this.#meet(first, stand)) {
        this.#up.limitTo(spoken.start);
        if (stand.spec.kind === 'cut-before') this.#cutWhenAnswered(stand);
        return;
      }
      this.#waiting.shift();
      this.#pass(first);
    }
    const { openStart } = this.#conversation;
    const isTooLarge = this.#up.waitingBytes > MAX_MESSAGE_BYTES;
    const keepsPart = this.#door.isArmed && !isTooLarge && !this.#hasClientEnded;
    this.#up.limitTo(keepsPart ? openStart : Number.POSITIVE_INFINITY);
  }

  /** Whether the message may pass. */
  #meet(waiting: Waiting, stand: MetStand): boolean {
    const { kind } = stand.spec;
    if (kind === 'hold-message' || kind === 'cut-before') this.#heldMessage = waiting;
    if (!withholdsReply(stand)) this.#door.tell({ type: 'reached', message: waiting.message, stand: kind });
    stand.meet(kind === 'hold-message');
    return kind !== 'hold-message' && kind !== 'cut-before';
  }

  #pass({ message, stand, spoken }: Waiting): void {
    if (!spoken.hasReply) {
      this.#door.settle(message.sequence);
      stand?.abandon();
      return;
    }
    this.#unanswered.set(spoken, { message, stand });
    if (stand === undefined || !withholdsReply(stand)) return;
    this.#replyStands++;
    this.#limitReplies();
  }

  #takeReply(spoken: Spoken, end: number): void {
    const registered = this.#unanswered.get(spoken);
    if (registered !== undefined) {
      this.#unanswered.delete(spoken);
      const { message, stand } = registered;
      this.#door.settle(message.sequence);
      this.#door.tell({ type: 'reply', message });
      if (stand !== undefined && withholdsReply(stand)) this.#meetReply(stand);
      else stand?.reply(false);
    }
    this.#repliesEnd = end;
    this.#limitReplies();
    if (this.#cutter !== undefined && this.#unanswered.size === 0) void this.cut(this.#cutter);
  }

  /** What was passed before the cut message is answered first: its reply is not this stand's to take. */
  #cutWhenAnswered(stand: MetStand): void {
    this.#cutter = stand;
    if (this.#unanswered.size === 0) void this.cut(stand);
    else setTimeout(() => void this.cut(stand), CUT_LINGER_MS).unref();
  }

  #meetReply(stand: MetStand): void {
    this.#replyStands--;
    const { kind } = stand.spec;
    if (stand.message !== undefined)
      this.#door.tell({ type: 'reached', message: stand.message, stand: kind });
    // Two on one connection: the second one's reply waits behind the first one's, and is told.
    if (kind === 'hold-reply' && this.#heldReply === undefined) {
      this.#heldReply = stand;
      this.#down.limitTo(this.#repliesEnd);
    }
    stand.reply(kind === 'hold-reply');
    if (kind === 'cut-after') void this.cut(stand);
  }

  /** Replies pass whole while one of them is waited for, and none behind one that is held. */
  #limitReplies(): void {
    if (this.#heldReply !== undefined || this.#isCut) return;
    this.#down.limitTo(this.#replyStands > 0 ? this.#repliesEnd : Number.POSITIVE_INFINITY);
  }

  #giveUpReply(): void {
    for (const [spoken, { stand }] of this.#unanswered) {
      if (stand === undefined || !withholdsReply(stand)) continue;
      this.#takeReply(spoken, this.#repliesEnd);
      return;
    }
  }

  #ended(by: 'client' | 'store' | 'door'): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#door.tell({ type: 'ended', connection: this.number, by });
  }

  /** Nothing more comes of what was said here; the stand that cut is done when the sockets are gone. */
  #settleAll(cutter?: MetStand): void {
    for (const { message, stand } of [...this.#waiting, ...this.#unanswered.values()]) {
      this.#door.settle(message.sequence);
      if (stand !== cutter) stand?.abandon();
      else stand?.abandonReply();
    }
    if (this.#heldReply !== cutter) this.#heldReply?.finish();
    this.#heldReply = undefined;
    this.#heldMessage = undefined;
    this.#waiting.length = 0;
    this.#unanswered.clear();
  }
}

function withholdsReply({ spec: { kind } }: MetStand): boolean {
  return kind === 'cut-after' || kind === 'hold-reply';
}
