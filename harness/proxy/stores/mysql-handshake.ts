/** Capabilities, bits of 32. */
const CLIENT_MYSQL = 1;
const COMPRESS = 1 << 5;
const PROTOCOL_41 = 1 << 9;
const SSL = 1 << 11;
const DEPRECATE_EOF = 1 << 24;
const OPTIONAL_METADATA = 1 << 25;
const ZSTD = 1 << 26;
const QUERY_ATTRIBUTES = 1 << 27;
/** The fifth of MariaDB's own, which stand in what MySQL reserves. */
const MARIADB_CACHE_METADATA = 1 << 4;
const SSL_REQUEST_BYTES = 32;
const MARIADB_CAPABILITIES_AT = 28;

/** What both sides can, as far as answers are read differently for it. */
export interface Agreed {
  readonly deprecatesEof: boolean;
  /** MySQL: a byte before the column count says whether columns are described. */
  readonly hasOptionalMetadata: boolean;
  /** MariaDB: a byte behind the column count says so. */
  readonly hasCachedMetadata: boolean;
  readonly hasQueryAttributes: boolean;
}

/** The capabilities in a server's greeting (protocol 10). */
export const OFFER = {
  /** By the first byte behind the header, if it is here: protocol 10, or an error. */
  isGreeting(first: number | undefined): boolean {
    return first === undefined || first === 10 || first === 0xff;
  },

  /** Where the lower half stands; undefined when this is no greeting. */
  positionIn(payload: Buffer): number | undefined {
    const end = payload.indexOf(0, 1);
    const at = end + 1 + 4 + 8 + 1;
    return payload[0] !== 10 || end < 0 || payload.length < at + 8 ? undefined : at;
  },

  /** Takes out what a door cannot read through, in place, and gives back what is left. */
  clear(payload: Buffer, at: number): number {
    const high = at + 5;
    payload.writeUInt16LE(payload.readUInt16LE(at) & ~(SSL | COMPRESS), at);
    payload.writeUInt16LE(payload.readUInt16LE(high) & ~(ZSTD >>> 16), high);
    return payload.readUInt16LE(at) | (payload.readUInt16LE(high) << 16);
  },
};

/** Reads the client's answer to the greeting; takes compression out of it, in place. */
export function agree(payload: Buffer, offered: number): Agreed | 'tls' | 'old' {
  if (payload.length < SSL_REQUEST_BYTES) return 'old';
  const asked = payload.readInt32LE(0);
  if ((asked & PROTOCOL_41) === 0) return 'old';
  if ((asked & SSL) !== 0 && payload.length === SSL_REQUEST_BYTES) return 'tls';
  payload.writeInt32LE(asked & ~(COMPRESS | ZSTD | SSL), 0);
  const both = asked & offered;
  const isMariadb = (asked & CLIENT_MYSQL) === 0 && (offered & CLIENT_MYSQL) === 0;
  const extended = isMariadb ? payload.readInt32LE(MARIADB_CAPABILITIES_AT) : 0;
  return {
    deprecatesEof: (both & DEPRECATE_EOF) !== 0,
    hasOptionalMetadata: !isMariadb && (both & OPTIONAL_METADATA) !== 0,
    hasCachedMetadata: (extended & MARIADB_CACHE_METADATA) !== 0,
    hasQueryAttributes: !isMariadb && (both & QUERY_ATTRIBUTES) !== 0,
  };
}
