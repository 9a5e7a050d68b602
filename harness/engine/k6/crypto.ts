/** `k6/crypto`. */
import { createHash, createHmac, randomBytes, type Hash, type Hmac } from 'node:crypto';

import { unsupported } from '../unsupported.ts';
import { base64 } from './encoding.ts';
import { bytesOf as bytesIn, goType } from './request-body.ts';
import type { VuContext } from './vu-context.ts';
import { asText } from './text.ts';

/** k6's names to Node's. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  sha512_224: 'sha512-224',
  sha512_256: 'sha512-256',
  ripemd160: 'ripemd160',
};

export function cryptoModule(vu: VuContext): object {
  const hashes = Object.keys(ALGORITHMS).map(
    (name) =>
      [
        name,
        (input: unknown, form: unknown) => digestOf(createHash(nodeName(vu, name)), input, form),
      ] as const,
  );
  return {
    ...Object.fromEntries(hashes),
    createHash: (name: unknown) => {
      const known = nodeName(vu, name);
      return new Hasher(() => createHash(known));
    },
    createHMAC: (name: unknown, secret: unknown) => {
      const known = nodeName(vu, name);
      const key = Buffer.from(bytesOf(secret));
      return new Hasher(() => createHmac(known, key));
    },
    hmac: (name: unknown, secret: unknown, input: unknown, form: unknown) =>
      digestOf(createHmac(nodeName(vu, name), bytesOf(secret)), input, form),
    randomBytes: (size: unknown) => {
      const count = Math.trunc(Number(size)) || 0;
      if (count < 1) throw new Error('invalid size');
      return arrayBuffer(randomBytes(count));
    },
    hexEncode: (input: unknown) => bytesOf(input).toString('hex'),
  };
}

function nodeName(vu: VuContext, name: unknown): string {
  if (name === 'md4') vu.run.refuse(unsupported('md4 of k6/crypto'));
  const known = Object.hasOwn(ALGORITHMS, String(name)) ? ALGORITHMS[String(name)] : undefined;
  if (known === undefined) throw new Error(`invalid algorithm: ${String(name)}`);
  return known;
}

/** A digest can be asked for in the middle, and again: as in Go it ends nothing. */
class Hasher {
  readonly #make: () => Hash | Hmac;
  readonly #parts: Buffer[] = [];

  constructor(make: () => Hash | Hmac) {
    this.#make = make;
  }

  update(input: unknown): void {
    // A copy: the script may write on into its buffer.
    this.#parts.push(Buffer.from(bytesOf(input)));
  }

  digest(form: unknown): string | ArrayBuffer {
    const hash = this.#make();
    for (const part of this.#parts) hash.update(part);
    return formed(hash.digest(), form);
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
  throw new Error(`invalid output encoding: ${form === undefined ? '' : asText(form)}`);
}

function bytesOf(input: unknown): Buffer {
  if (typeof input === 'string') return Buffer.from(input);
  const bytes = bytesIn(input);
  if (bytes === undefined)
    throw new TypeError(`invalid type ${goType(input)}, expected string, []byte or ArrayBuffer`);
  return bytes;
}

function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
