/** Keeps the real k6 to the hosts that were named: it can be told which addresses it must not call. */

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

interface Range {
  /** As a number, the first address. */
  readonly from: bigint;
  readonly bits: number;
}

const LOOPBACK = ['127.0.0.1', '::1'];

/**
 * All addresses but those of these hosts, as ranges for `--blacklist-ip`. k6 looks at addresses, not at names and ports:
 * another name with the same address passes, and so does another port. Loopback is open: the run's own parts are there.
 */
export async function blockedRanges(allowedHosts: readonly string[]): Promise<string[]> {
  const names = allowedHosts.map((host) => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
  const found = await Promise.all(
    names.map(async (name) => {
      if (isIP(name) !== 0) return [name];
      // A name that nobody knows has no address that could be called.
      const addresses = await lookup(name, { all: true }).catch(() => []);
      return addresses.map(({ address }) => address);
    }),
  );
  const open = [...new Set([...LOOPBACK, ...found.flat()])];
  return [
    ...allBut(open.filter((address) => isIP(address) === 4).map(numberOf4), 32).map(
      (range) => `${text4(range.from)}/${range.bits}`,
    ),
    ...allBut(open.filter((address) => isIP(address) === 6).map(numberOf6), 128).map(
      (range) => `${text6(range.from)}/${range.bits}`,
    ),
  ];
}

/** The largest ranges that hold none of the addresses, in order. */
function allBut(open: readonly bigint[], width: number, from = 0n, bits = 0): Range[] {
  const size = 1n << BigInt(width - bits);
  const inside = open.filter((address) => address >= from && address < from + size);
  if (inside.length === 0) return [{ from, bits }];
  if (bits === width) return [];
  return [...allBut(inside, width, from, bits + 1), ...allBut(inside, width, from + size / 2n, bits + 1)];
}

function numberOf4(address: string): bigint {
  return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function numberOf6(address: string): bigint {
  // The URL parser knows every way to write one.
  const whole = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = whole.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

function text4(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
}

function text6(number: bigint): string {
  const parts = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => (number >> shift) & 65_535n);
  return parts.map((part) => part.toString(16)).join(':');
}
