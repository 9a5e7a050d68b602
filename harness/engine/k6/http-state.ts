/** A VU's connections: as in k6 each VU has its own, so that one VU's requests never wait for another's. */
import { buildConnector, Pool } from 'undici';

import type { Exchange } from './exchange.ts';
import type { ExpectedStatuses } from './http.ts';
import { Gate } from './together.ts';
import type { Vu } from './vu.ts';

export class HttpState {
  private readonly vu: Vu;
  private readonly pools = new Map<string, Pool>();
  private readonly open = new Set<Exchange>();
  readonly gate: Gate;
  /** Cookies of this iteration by host; undefined while there are none. */
  cookies: Map<string, Map<string, string>> | undefined = undefined;
  /** Which statuses count as expected; null: none is judged. */
  expected: ExpectedStatuses | null | undefined = undefined;

  constructor(vu: Vu) {
    this.vu = vu;
    this.gate = new Gate(vu.run.spreads);
  }

  pool(origin: string): Pool {
    const known = this.pools.get(origin);
    if (known !== undefined) return known;
    const made = createPool(origin, this.vu);
    this.pools.set(origin, made);
    return made;
  }

  began(exchange: Exchange): void {
    this.open.add(exchange);
    this.vu.run.counts.inFlight++;
    this.vu.enter();
  }

  ended(exchange: Exchange): void {
    if (!this.open.delete(exchange)) return;
    this.vu.run.counts.inFlight--;
    this.vu.leave();
  }

  /** Cuts every request in flight; their promises never settle. */
  cancelAll(): void {
    for (const exchange of this.open) {
      this.vu.run.counts.inFlight--;
      exchange.cut();
    }
    this.open.clear();
  }

  /** Closes all connections, those in use as well. */
  close(): void {
    for (const pool of this.pools.values()) this.vu.run.closing.push(pool.destroy());
    this.pools.clear();
  }
}

function createPool(origin: string, vu: Vu): Pool {
  const { options } = vu.run;
  const connector = buildConnector({
    // The request's own timeout covers the connect.
    timeout: 0,
    rejectUnauthorized: !options.insecureSkipTLSVerify,
  });
  return new Pool(origin, {
    // As many as there are requests at once; each has one request at a time.
    connections: null,
    pipelining: 1,
    // The engine's timer is exact to a millisecond, undici's to a second.
    headersTimeout: 0,
    bodyTimeout: 0,
    // k6 keeps idle connections for 90 s (Go's default transport).
    keepAliveTimeout: 90_000,
    keepAliveMaxTimeout: 90_000,
    connect: (target, callback) => {
      connector(mapped(target, options.hosts), callback);
    },
  });
}

/** `options.hosts`: `name` or `name:port` to an address, the server name of TLS kept. */
function mapped(target: buildConnector.Options, hosts: ReadonlyMap<string, string>): buildConnector.Options {
  if (hosts.size === 0) return target;
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  const address = hosts.get(`${target.hostname}:${port}`) ?? hosts.get(target.hostname);
  if (address === undefined) return target;
  const [, name = address, mappedPort = port] = /^(.*?):(\d+)$/.exec(address) ?? [];
  return { ...target, hostname: name, port: mappedPort, servername: target.servername ?? target.hostname };
}
