/** Bodies that came compressed. */

import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

/** A body without its compression; undefined when it is broken, or larger than `maxBytes` without it. */
export function unpacked(bytes: Buffer, encoding: string, maxBytes: number): Buffer | undefined {
  const unpack = UNPACK[encoding.trim().toLowerCase()];
  if (unpack === undefined || bytes.length === 0) return bytes;
  try {
    return unpack(bytes, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}

const UNPACK: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};
