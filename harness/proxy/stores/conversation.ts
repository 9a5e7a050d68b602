import type { DoorRefusal, MessageRole } from './types.ts';

/** A message as the protocol's parser finds it. Offsets count the bytes of its direction from the connection's start. */
export interface Spoken {
  /** Of its first byte, and behind its last, among the bytes that `client` gave back. */
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly role: MessageRole;
  /** Whether the store answers it, so that `reply` follows. */
  readonly hasReply: boolean;
}

/** Who is told by a parser. */
export interface Ear {
  message(spoken: Spoken): void;
  /** The store's answer ends before `end`; it begins where the answer before it ended. */
  reply(spoken: Spoken, end: number): void;
  /** Bytes for the client that the store did not send. */
  answer(bytes: Buffer): void;
  leaveAlone(reason: string): void;
  refuse(refusal: DoorRefusal): void;
}

/**
 * Listens to one connection. Both functions take what came, in any pieces, tell the ear, and give back what is to be passed:
 * the same bytes, but for offers of TLS and compression. The messages found do not depend on the pieces.
 */
export interface Conversation {
  client(bytes: Buffer): Buffer;
  store(bytes: Buffer): Buffer;
  /** Where the message begins whose end has not come yet; else the offset behind the last byte that came. */
  readonly openStart: number;
  /** That side says nothing more; gives back what was kept of its first packet. */
  clientEnded?(): Buffer;
  storeEnded?(): Buffer;
}
