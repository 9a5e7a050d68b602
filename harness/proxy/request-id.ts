import { randomBytes } from 'node:crypto';

/** Base 32 with the digits of its "extended hex" alphabet (RFC 4648, section 7). */
const DIGITS = '0123456789abcdefghijklmnopqrstuv';
const PROCESS = randomBytes(5);
let count = randomBytes(3).readUIntBE(0, 3);

/**
 * An id as Toxiproxy gives each call of its API: 20 characters of seconds, process and a running number, so that ids
 * of one process sort by time.
 */
export function nextRequestId(nowMs = Date.now()): string {
  count = (count + 1) % 2 ** 24;
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(Math.floor(nowMs / 1000) % 2 ** 32, 0);
  PROCESS.copy(bytes, 4);
  bytes.writeUIntBE(count, 9, 3);
  // 96 bits are 19 digits and one bit.
  const number = BigInt(`0x${bytes.toString('hex')}`) << 4n;
  return Array.from(
    { length: 20 },
    (_, place) => DIGITS[Number((number >> BigInt(95 - place * 5)) & 31n)],
  ).join('');
}
