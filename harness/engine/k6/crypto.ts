/** `k6/crypto` and `k6/encoding`. */
import { createHash, createHmac, randomBytes, type Hash, type Hmac } from 'node:crypto';
import { types } from 'node:util';

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;

export function cryptoModule(): object {
  const hashes = ALGORITHMS.map(
    (name) => [name, (input: unknown, form: unknown) => digestOf(createHash(name), input, form)] as const,
  );
  return {
    ...Object.fromEntries(hashes),
    createHash: (name: string) => new Hasher(createHash(name)),
    createHMAC: (name: string, secret: unknown) => new Hasher(createHmac(name, bytesOf(secret))),
    hmac: (name: string, secret: unknown, input: unknown, form: unknown) =>
      digestOf(createHmac(name, bytesOf(secret)), input, form),
    randomBytes: (size: number) => arrayBuffer(randomBytes(size)),
    hexEncode: (input: unknown) => bytesOf(input).toString('hex'),
  };
}

export function encodingModule(): object {
  return { b64encode, b64decode };
}

class Hasher {
  readonly #hash: Hash | Hmac;

  constructor(hash: Hash | Hmac) {
    this.#hash = hash;
  }

  update(input: unknown): void {
    this.#hash.update(bytesOf(input));
  }

  digest(form: unknown): string | ArrayBuffer {
    return formed(this.#hash.digest(), form);
  }
}

function digestOf(hash: Hash | Hmac, input: unknown, form: unknown): string | ArrayBuffer {
  return formed(hash.update(bytesOf(input)).digest(), form);
}

function formed(digest: Buffer, form: unknown): string | ArrayBuffer {
  if (form === 'hex') return digest.toString('hex');
  if (form === 'base64') return digest.toString('base64');
  if (form === 'base64url') return base64(digest, true, true);
  if (form === 'base64rawurl') return base64(digest, true, false);
  if (form === 'binary') return arrayBuffer(digest);
  throw new Error(`invalid output encoding: ${String(form)}`);
}

/** The forms `std` (default), `rawstd`, `url`, `rawurl`. */
function b64encode(input: unknown, form: unknown = 'std'): string {
  return base64(bytesOf(input), form === 'url' || form === 'rawurl', form === 'std' || form === 'url');
}

function b64decode(input: string, _form: unknown = 'std', as?: unknown): string | ArrayBuffer {
  // Node reads both alphabets, padded or not.
  const bytes = Buffer.from(input, 'base64');
  return as === 's' ? bytes.toString('utf8') : arrayBuffer(bytes);
}

function base64(bytes: Buffer, isUrl: boolean, isPadded: boolean): string {
  const text = bytes.toString('base64');
  const lettered = isUrl ? text.replaceAll('+', '-').replaceAll('/', '_') : text;
  return isPadded ? lettered : lettered.replace(/=+$/, '');
}

function bytesOf(input: unknown): Buffer {
  if (typeof input === 'string') return Buffer.from(input);
  if (types.isArrayBuffer(input)) return Buffer.from(input);
  if (ArrayBuffer.isView(input)) return Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  throw new TypeError(`invalid type ${typeof input}, expected string or ArrayBuffer`);
}

function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
