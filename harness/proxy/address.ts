import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { REFUSALS } from './refusal.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Splits `host:port` or `[v6]:port`; an empty host is every interface. Throws Toxiproxy's 500 for anything else. */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text);
  if (match === null) {
    const reason = text.includes(':') ? 'too many colons in address' : 'missing port in address';
    throw REFUSALS.address(`address ${text}: ${reason}`);
  }
  // No port at all is 0 to Go, too.
  const port = Number(match[3]);
  if (!Number.isInteger(port) || port < 0) throw REFUSALS.address(`lookup tcp/${match[3]}: unknown port`);
  if (port > 65_535) throw REFUSALS.address(`address ${match[3]}: invalid port`);
  return { host: match[1] ?? match[2] ?? '', port };
}

/** The address as a text that `parseAddress` takes back. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The address to listen on, with the host as a number: names prefer IPv4, as Go does; no host is every interface. */
export async function resolveListen(text: string): Promise<Address> {
  // Toxiproxy opens an absent address to the whole network; we stay on loopback (differences.ts).
  const { host, port } = parseAddress(text === '' ? '127.0.0.1:0' : text);
  if (host === '') return { host: '::', port };
  if (isIP(host) !== 0) return { host, port };
  try {
    const found = await lookup(host, { all: true });
    const chosen = found.find(({ family }) => family === 4) ?? found[0];
    if (chosen !== undefined) return { host: chosen.address, port };
  } catch {
    // Said below in the same words as for an empty answer.
  }
  throw REFUSALS.address(`lookup ${host}: no such host`);
}
