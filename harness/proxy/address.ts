import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { REFUSALS } from './refusal.ts';
import { portOfService } from './services.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Splits `host:port` or `[v6]:port`; an empty host is every interface. Throws Toxiproxy's 500 for anything else. */
export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  const refuse = (reason: string): Error => REFUSALS.address(`address ${text}: ${reason}`);
  if (colon < 0) throw refuse('missing port in address');
  const isBracketed = text.startsWith('[');
  const bracket = isBracketed ? text.indexOf(']') : -1;
  if (isBracketed && bracket < 0) throw refuse("missing ']' in address");
  if (isBracketed && bracket + 1 !== colon) {
    throw refuse(text[bracket + 1] === ':' ? 'too many colons in address' : 'missing port in address');
  }
  const host = isBracketed ? text.slice(1, bracket) : text.slice(0, colon);
  if (!isBracketed && host.includes(':')) throw refuse('too many colons in address');
  if (text.includes('[', isBracketed ? 1 : 0)) throw refuse("unexpected '[' in address");
  if (text.includes(']', bracket + 1)) throw refuse("unexpected ']' in address");
  return { host, port: portOf(text.slice(colon + 1)) };
}

/** A number or the name of a service; no port at all is 0 to Go, too. */
function portOf(text: string): number {
  if (text === '') return 0;
  const port = /^ *[+-]?\d+$/.test(text) ? Number(text) : portOfService(text);
  if (port === undefined) throw REFUSALS.address(`lookup tcp/${text}: unknown port`);
  if (port < 0 || port > 65_535) throw REFUSALS.address(`address ${text}: invalid port`);
  // A -0 is a 0.
  return port + 0;
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
    // 0 or 127.1 is an address to the system's resolver, and every interface at worst; to Go it is a name.
    if (/^[\d.]*$/.test(host)) throw new Error('no name');
    const found = await lookup(host, { all: true });
    const chosen = found.find(({ family }) => family === 4) ?? found[0];
    if (chosen !== undefined) return { host: chosen.address, port };
  } catch {
    // Said below in the same words as for an empty answer.
  }
  throw REFUSALS.address(`lookup ${host}: no such host`);
}
