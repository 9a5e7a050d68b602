/** `k6/encoding`: base64 as strict as Go's. */
import { bytesOf, goType } from './request-body.ts';

export function encodingModule(): object {
  return { b64encode, b64decode };
}

/** The forms `std` (also for any other name), `rawstd`, `url`, `rawurl`. */
function b64encode(input: unknown, form?: unknown): string {
  const bytes = typeof input === 'string' ? Buffer.from(input) : bytesOf(input);
  if (bytes === undefined)
    throw new TypeError(`invalid type ${goType(input)}, expected string, []byte or ArrayBuffer`);
  return base64(bytes, isUrl(form), !isRaw(form));
}

/** Bytes, or text with the format `s`. Throws at the first character that does not belong there. */
function b64decode(input: unknown, form?: unknown, format?: unknown): string | ArrayBuffer {
  const bytes = decoded(String(input), isUrl(form), !isRaw(form));
  return format === 's' ? bytes.toString('utf8') : new Uint8Array(bytes).buffer;
}

/** Base64 with the alphabet of URLs or without, padded or not. */
export function base64(bytes: Buffer, hasUrlLetters: boolean, isPadded: boolean): string {
  const text = bytes.toString('base64');
  const lettered = hasUrlLetters ? text.replaceAll('+', '-').replaceAll('/', '_') : text;
  return isPadded ? lettered : lettered.replace(/=+$/, '');
}

function isUrl(form: unknown): boolean {
  return form === 'url' || form === 'rawurl';
}

function isRaw(form: unknown): boolean {
  return form === 'rawstd' || form === 'rawurl';
}

function decoded(input: string, hasUrlLetters: boolean, isPadded: boolean): Buffer {
  const letters = hasUrlLetters ? /^[\w-]*$/ : /^[A-Za-z0-9+/]*$/;
  // Ends of lines may stand anywhere.
  const text = input.replace(/[\r\n]/g, '');
  const body = isPadded ? text.replace(/={1,2}$/, '') : text;
  const isWhole = isPadded ? text.length % 4 === 0 : text.length % 4 !== 1;
  if (!letters.test(body) || !isWhole)
    throw new Error(`illegal base64 data at input byte ${wrongAt(input, letters)}`);
  return Buffer.from(body, 'base64');
}

/** The first character that is no letter of the alphabet, else the end. */
function wrongAt(input: string, letters: RegExp): number {
  const at = Array.from(input).findIndex((letter) => !letters.test(letter) && !/[\r\n=]/.test(letter));
  return at === -1 ? Math.max(0, input.length - (input.length % 4)) : at;
}
