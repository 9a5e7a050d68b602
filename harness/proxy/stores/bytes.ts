import type { Conversation, Ear, Spoken } from './conversation.ts';

/** For a store whose protocol is not known: the client's bytes up to a pause, or up to the store's next word, are a message. */
export class BytesConversation implements Conversation {
  readonly #ear: Ear;
  readonly #pauseMs: number;
  readonly #now: () => number;
  #clientBytes = 0;
  #storeBytes = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #hasStoreSpoken = true;
  #unanswered: Spoken | undefined;

  constructor(ear: Ear, { pauseMs, now }: { readonly pauseMs: number; readonly now: () => number }) {
    this.#ear = ear;
    this.#pauseMs = pauseMs;
    this.#now = now;
  }

  /** A message is told with its first bytes: nobody knows where it ends before it is too late to stand there. */
  get openStart(): number {
    return this.#clientBytes;
  }

  client(bytes: Buffer): Buffer {
    const now = this.#now();
    const isNew = this.#hasStoreSpoken || now - this.#lastAtMs >= this.#pauseMs;
    const start = this.#clientBytes;
    this.#clientBytes += bytes.length;
    this.#lastAtMs = now;
    if (isNew) {
      this.#hasStoreSpoken = false;
      const spoken: Spoken = { start, end: this.#clientBytes, name: 'bytes', role: 'work', hasReply: true };
      this.#unanswered = spoken;
      this.#ear.message(spoken);
    }
    return bytes;
  }

  store(bytes: Buffer): Buffer {
    this.#storeBytes += bytes.length;
    this.#hasStoreSpoken = true;
    const spoken = this.#unanswered;
    this.#unanswered = undefined;
    if (spoken !== undefined) this.#ear.reply(spoken, this.#storeBytes);
    return bytes;
  }
}
