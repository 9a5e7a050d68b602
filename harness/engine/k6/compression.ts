/** Compression of bodies, both ways. */
import * as zlib from 'node:zlib';

import { unsupported } from '../unsupported.ts';
import { BAD_COMPRESSION_CODE, type HttpFailure } from './http-errors.ts';
import type { VuContext } from './vu-context.ts';

const PACK: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes),
};

/** The algorithms of `compression`, in order. Throws k6's words for one that it does not know; zstd is refused. */
export function compressionsOf(text: string, vu: VuContext): string[] {
  if (text.trim() === '') return [];
  return text.split(',').map((part) => {
    const name = part.trim();
    if (name === 'zstd') vu.run.refuse(unsupported("compression: 'zstd'"));
    if (PACK[name] === undefined)
      throw new Error(
        `unknown compression algorithm ${name}, supported algorithms are [gzip deflate zstd br]`,
      );
    return name;
  });
}

/** A body, compressed by one algorithm after the other. */
export function compressed(body: string | Buffer, algorithms: readonly string[]): Buffer {
  return algorithms.reduce<Buffer>(
    (bytes, name) => PACK[name]?.(bytes) ?? bytes,
    Buffer.from(body as string),
  );
}

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;

const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
};

/** A body without its compression, or why it has none. */
export type Unpacked =
  { readonly bytes: Buffer } | { readonly failure: HttpFailure; readonly bytes?: Buffer };

/**
 * Takes the encodings of an answer off, the last one first; unknown ones stay on. `zstd` ends in a failure that says so
 * where Node has none.
 */
export function unpacked(body: Buffer, encodings: string, maxBytes: number): Unpacked {
  let bytes = body;
  for (const part of encodings.split(',').reverse()) {
    const name = part.trim();
    if (name === 'zstd') return { failure: failureOf('zstd is not in the embedded engine') };
    const unpack = UNPACK[name];
    if (unpack === undefined) continue;
    try {
      bytes = unpack(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      // Go reads the head of an outer gzip at once, and there is none in nothing.
      if (body.length === 0 && hasHead(encodings)) return { failure: failureOf('EOF') };
      return broken(name, error, bytes, unpack);
    }
  }
  return { bytes };
}

function hasHead(encodings: string): boolean {
  return encodings.split(',').some((name) => ['gzip', 'deflate'].includes(name.trim()));
}

/** k6 has a number for what is no compressed body, and none for one that ends too early. What came is shown. */
function broken(name: string, error: unknown, bytes: Buffer, unpack: Unpack): Unpacked {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (code === 'ERR_BUFFER_TOO_LARGE') return { failure: failureOf('too large when it is unpacked') };
  if (name === 'br') {
    if (bytes.length === 0) return { failure: TORN, bytes };
    return { failure: failureOf(`brotli: ${message}`), bytes: Buffer.alloc(0) };
  }
  if (bytes.length === 0) return { failure: failureOf('EOF') };
  if (code === 'Z_BUF_ERROR') return { failure: TORN, bytes: partOf(bytes, unpack) };
  const prefix = name === 'gzip' ? 'gzip' : 'zlib';
  if (message === 'incorrect data check') {
    const sums = bytes.length - (name === 'gzip' ? 8 : 4);
    return { failure: twice(`${prefix}: invalid checksum`), bytes: partOf(bytes.subarray(0, sums), unpack) };
  }
  if (/header|compression method|window size/.test(message))
    return { failure: twice(`${prefix}: invalid header`) };
  return { failure: { code: 1000, text: `flate: corrupt input: ${message}` } };
}

const TORN: HttpFailure = { code: 1000, text: 'unexpected EOF' };

function partOf(bytes: Buffer, unpack: Unpack): Buffer {
  try {
    const options = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
    return unpack(bytes, options as unknown as { maxOutputLength: number });
  } catch {
    return Buffer.alloc(0);
  }
}

/** k6 wraps these two times. */
function twice(what: string): HttpFailure {
  return failureOf(failureOf(what).text);
}

function failureOf(what: string): HttpFailure {
  return { code: BAD_COMPRESSION_CODE, text: `error decompressing response body (${what})` };
}
