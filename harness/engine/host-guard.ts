/** Where the requests of a script may go: to the hosts that the run was given, and nowhere else. */
import { isAllowedHost } from '../config/hosts.ts';
import type { HostGuard } from './k6/connections.ts';
import type { RunOptions } from './run-options.ts';

/** Looks also at where the script's `hosts` send a name. Tells of each refused origin once. */
export function hostGuard({
  allowedHosts,
  onRefusedHost,
}: Pick<RunOptions, 'allowedHosts' | 'onRefusedHost'>): HostGuard {
  const told = new Set<string>();
  return (origin, hosts) => {
    if (allowedHosts === undefined) return true;
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    // What is no URL is refused elsewhere, and in other words.
    if (url === undefined) return true;
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    const address = hosts.get(`${url.hostname}:${port}`) ?? hosts.get(url.hostname);
    const mapped = address === undefined ? url : mappedUrl(url.protocol, address, port);
    const isAllowed =
      isAllowedHost(allowedHosts, url) && mapped !== undefined && isAllowedHost(allowedHosts, mapped);
    if (!isAllowed && !told.has(origin)) {
      told.add(origin);
      onRefusedHost(mapped === url || mapped === undefined ? origin : `${origin} (at ${mapped.host})`);
    }
    return isAllowed;
  };
}

function mappedUrl(protocol: string, address: string, port: string): URL | undefined {
  const host = /:\d+$/.test(address) ? address : `${address}:${port}`;
  return URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`) : undefined;
}
