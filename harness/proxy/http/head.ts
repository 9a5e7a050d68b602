/** Heads of HTTP/1.1 messages, kept line by line so that what is not touched goes on byte for byte (RFC 9112). */

export interface Field {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
  /** The whole line (or folded lines) as it was sent, without its last CRLF. */
  readonly raw: string;
}

export interface Head {
  /** Request line or status line. */
  readonly start: string;
  readonly fields: readonly Field[];
}

/** What ends a message that cannot be read on: `status` is what the proxy answers for it. */
export class FramingError extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

export const HEAD_END = '\r\n\r\n';
export const MAX_HEAD_BYTES = 64 * 1024;

/** Parses the bytes before the empty line. Latin-1, so that every byte comes out as it came in. */
export function parseHead(bytes: Buffer): Head {
  const text = bytes.toString('latin1');
  let lineEnd = text.indexOf('\r\n');
  if (lineEnd < 0) return { start: text, fields: [] };
  const start = text.slice(0, lineEnd);
  const fields: Field[] = [];
  while (lineEnd >= 0 && lineEnd < text.length) {
    const lineStart = lineEnd + 2;
    lineEnd = text.indexOf('\r\n', lineStart);
    // A line that starts with white space continues the one before (obs-fold).
    while (lineEnd >= 0 && (text[lineEnd + 2] === ' ' || text[lineEnd + 2] === '\t')) {
      lineEnd = text.indexOf('\r\n', lineEnd + 2);
    }
    fields.push(fieldOf(lineEnd < 0 ? text.slice(lineStart) : text.slice(lineStart, lineEnd)));
  }
  return { start, fields };
}

/** The value of the first field of that name (lower case). */
export function valueOf(head: Head, name: string): string | undefined {
  for (const field of head.fields) if (field.name === name) return field.value;
  return undefined;
}

/** Does a comma-separated field hold the token (lower case)? */
export function hasToken(head: Head, name: string, token: string): boolean {
  for (const field of head.fields) {
    if (field.name !== name) continue;
    const value = field.value.toLowerCase();
    if (value === token || value.split(',').some((each) => each.trim() === token)) return true;
  }
  return false;
}

/** How the body of a message ends. */
export type Framing =
  { readonly kind: 'none' | 'chunked' | 'close' } | { readonly kind: 'length'; readonly length: number };

const NO_BODY: Framing = { kind: 'none' };

/** A request's framing; throws what a careful server refuses: two framings at once, several lengths (RFC 9112, section 6.3). */
export function requestFraming(head: Head): Framing {
  let length: string | undefined;
  let coding: string | undefined;
  for (const { name, value } of head.fields) {
    if (name === 'content-length') {
      if (!/^\d{1,15}$/.test(value) || (length !== undefined && length !== value)) {
        throw new FramingError(400, 'malformed Content-Length');
      }
      length = value;
    } else if (name === 'transfer-encoding') {
      if (coding !== undefined || value.toLowerCase() !== 'chunked') {
        throw new FramingError(501, 'no transfer coding but chunked is known here');
      }
      coding = value;
    }
  }
  if (coding !== undefined && length !== undefined) {
    throw new FramingError(400, 'both Content-Length and Transfer-Encoding');
  }
  if (coding !== undefined) return { kind: 'chunked' };
  return length === undefined || length === '0' ? NO_BODY : { kind: 'length', length: Number(length) };
}

/** An answer's framing; without length and chunks it lasts until the connection ends. */
export function answerFraming(head: Head, status: number, method: string): Framing {
  if (method === 'HEAD' || status === 204 || status === 304) return NO_BODY;
  if (hasToken(head, 'transfer-encoding', 'chunked')) return { kind: 'chunked' };
  const length = valueOf(head, 'content-length');
  if (length === undefined) return { kind: 'close' };
  if (!/^\d{1,15}$/.test(length)) throw new FramingError(502, 'malformed Content-Length');
  return length === '0' ? NO_BODY : { kind: 'length', length: Number(length) };
}

function fieldOf(raw: string): Field {
  const colon = raw.indexOf(':');
  if (colon < 0) return { name: raw.toLowerCase(), value: '', raw };
  return { name: raw.slice(0, colon).toLowerCase(), value: raw.slice(colon + 1).trim(), raw };
}
