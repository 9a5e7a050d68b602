/** The option `blacklistIPs`: addresses that nothing is sent to, in CIDR notation (RFC 4632, RFC 4291). */
import { lookup as lookUp } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

import { invalid } from './scenario-options.ts';

/** What a connection fails with whose address is in the list. */
export class AddressBlocked extends Error {
  readonly code = 'ERR_ADDRESS_BLOCKED';
}

export class BlockedAddresses {
  private readonly list = new BlockList();
  readonly isEmpty: boolean;

  /** As `rangesOf` gives them. */
  constructor(ranges: readonly string[]) {
    this.isEmpty = ranges.length === 0;
    for (const range of ranges) {
      const [address = '', bits] = range.split('/');
      this.list.addSubnet(address, Number(bits), familyOf(address));
    }
  }

  has(address: string): boolean {
    return isIP(address) !== 0 && this.list.check(address, familyOf(address));
  }

  /** Names are looked up as ever, and what they come to is held against the list. */
  readonly lookup: LookupFunction = (name, options, callback) => {
    lookUp(name, options, (error, found, family) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
      const blocked = error === null ? addresses.find((address) => this.has(address)) : undefined;
      if (blocked === undefined) callback(error, found, family);
      else callback(new AddressBlocked(blocked), '', 0);
    });
  };
}

/** The ranges of the option. Throws a usage HarnessError for what is none. */
export function rangesOf(given: readonly string[] = []): readonly string[] {
  for (const [index, range] of given.entries()) {
    const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(range) ?? [];
    if (isIP(address) === 0 || Number(bits) > (isIP(address) === 4 ? 32 : 128))
      throw invalid(`options.blacklistIPs[${index}]`, 'a range such as 10.0.0.0/8', range);
  }
  return given;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
