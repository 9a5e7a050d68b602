/** The key of a request that carries it in its body. */

import { at } from '../../model/read-answer.ts';
import { formMembers } from '../../model/wire.ts';
import { BodyScanner } from './body-scanner.ts';
import type { ReadRequest } from './client-connection.ts';
import { requestFraming, valueOf } from './head.ts';

/** Larger bodies are not looked into: no redemption's is. */
const MAX_BYTES = 1024 * 1024;

/** The text (or number) at a JSON pointer of a JSON body or a form; undefined where there is none. */
export function keyInBody(
  { head, body }: Pick<ReadRequest, 'head' | 'body'>,
  pointer: string,
): string | undefined {
  const text = payloadOf({ head, body });
  const key = at(isForm(valueOf(head, 'content-type')) ? formMembers(text) : jsonOf(text), pointer);
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
}

/** The body as text, without its framing; '' for one that is too large. */
export function payloadOf({ head, body }: Pick<ReadRequest, 'head' | 'body'>): string {
  const scanner = new BodyScanner(requestFraming(head), MAX_BYTES);
  for (const part of body) scanner.scan(part);
  return scanner.payload?.toString('utf8') ?? '';
}

function isForm(contentType: string | undefined): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(contentType ?? '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
