/**
 * The connections of one VU by origin, each an undici Client with one request at a time, kept and closed as k6 does.
 *
 * undici's own Pool opens a second connection where the next request follows on the answer at once, since it marks the
 * first as free a turn later; here a connection is free when its exchange ends, and the warmest is used first.
 */
import type { Socket } from 'node:net';

import { buildConnector, Client } from 'undici';

import { AddressBlocked, BlockedAddresses } from '../blocked-addresses.ts';
import { hostNotAllowed, type HttpFailure } from './http-errors.ts';
import { peerOf, type Peer } from './peer.ts';
import type { ScriptOptions } from '../script-options.ts';

/** k6 keeps idle connections so long (Go's default transport). */
const KEEP_ALIVE_MS = 90_000;
const DEFAULT_IDLE_PER_HOST = 2;

/** Whether anything may be sent to an origin; `hosts` as the script's option maps names to addresses. */
export type HostGuard = (origin: string, hosts: ReadonlyMap<string, string>) => boolean;

export class Connections {
  readonly guard: HostGuard;
  private readonly lanes = new Map<string, Lane>();
  /** Connections that nobody uses, the one that waited longest first. */
  private readonly idle = new Map<Client, Lane>();
  private readonly closing = new Set<Promise<void>>();
  readonly traffic = new Traffic();

  constructor(guard: HostGuard) {
    this.guard = guard;
  }

  lane(origin: string, options: ScriptOptions): Lane {
    const known = this.lanes.get(origin);
    if (known !== undefined) return known;
    // Looked at once for each origin: it stays as it is for the whole run.
    const refusal = this.guard(origin, options.hosts) ? undefined : hostNotAllowed(origin);
    const made = new Lane(origin, options, this.idle, this.traffic, refusal);
    this.lanes.set(origin, made);
    return made;
  }

  /** Closes those that nobody uses. */
  closeIdle(): void {
    for (const [client, lane] of this.idle) lane.abandon(client);
  }

  /** Closes all connections, those in use as well. */
  close(): void {
    this.idle.clear();
    for (const lane of this.lanes.values()) {
      const closing: Promise<void> = lane.close().finally(() => this.closing.delete(closing));
      this.closing.add(closing);
    }
    this.lanes.clear();
  }

  /** Resolves when they are closed. */
  async closed(): Promise<void> {
    this.close();
    await Promise.all(this.closing);
  }
}

/**
 * All connections to one origin; as many as there are requests at once, so that none waits for another. Kept are as many
 * as the options `batchPerHost` and, over all origins, `batch` say (k6's `http.Transport`).
 */
export class Lane {
  /** Why nothing is sent there. */
  readonly refusal: HttpFailure | undefined;
  private readonly origin: string;
  private readonly connect: Connect;
  /** Whom each connection reaches; undefined until it is open. */
  private readonly all = new Map<Client, Peer | undefined>();
  private readonly idle: Client[] = [];
  private readonly idleOfVu: Map<Client, Lane>;
  private readonly mostIdle: number;
  private readonly mostIdleOfVu: number;

  constructor(
    origin: string,
    options: ScriptOptions,
    idleOfVu: Map<Client, Lane>,
    traffic: Traffic,
    refusal?: HttpFailure,
  ) {
    this.idleOfVu = idleOfVu;
    // Go takes 0 for its own default, and for no limit.
    this.mostIdle = options.batchPerHost || DEFAULT_IDLE_PER_HOST;
    this.mostIdleOfVu = options.batch || Number.POSITIVE_INFINITY;
    this.refusal = refusal;
    this.origin = origin;
    this.connect = connectorOf(options, traffic);
  }

  /** A connection that nobody uses. */
  take(): Client {
    const idle = this.idle.pop();
    if (idle !== undefined) {
      this.idleOfVu.delete(idle);
      return idle;
    }
    const made: Client = new Client(this.origin, {
      ...CLIENT_OPTIONS,
      connect: (target, callback) =>
        this.connect(target, callback, (socket) => {
          if (this.all.has(made)) this.all.set(made, peerOf(socket));
        }),
    });
    this.all.set(made, undefined);
    return made;
  }

  /** Whom it reaches, or reached last; undefined: nobody yet. */
  peer(client: Client): Peer | undefined {
    return this.all.get(client);
  }

  /** Its exchange has ended; when the connection is dead, the client opens a new one at its next use. */
  give(client: Client): void {
    if (!this.all.has(client)) return;
    if (this.idle.length >= this.mostIdle) {
      this.abandon(client);
      return;
    }
    this.idle.push(client);
    this.idleOfVu.set(client, this);
    if (this.idleOfVu.size <= this.mostIdleOfVu) return;
    for (const [oldest, lane] of this.idleOfVu) {
      lane.abandon(oldest);
      return;
    }
  }

  /** Closes it: its exchange was given up in the middle, or it is one too many. */
  abandon(client: Client): void {
    this.all.delete(client);
    if (this.idleOfVu.delete(client)) this.idle.splice(this.idle.indexOf(client), 1);
    void client.destroy();
  }

  async close(): Promise<void> {
    const open = [...this.all.keys()];
    this.all.clear();
    this.idle.length = 0;
    await Promise.all(open.map((client) => client.destroy()));
  }
}

/** Bytes that the connections of a VU carried, both ways. */
export class Traffic {
  private readonly open = new Set<Socket>();
  private sent = 0;
  private received = 0;
  private toldSent = 0;
  private toldReceived = 0;

  count(socket: Socket): void {
    this.open.add(socket);
    socket.once('close', () => {
      this.open.delete(socket);
      this.sent += socket.bytesWritten;
      this.received += socket.bytesRead;
    });
  }

  /** What came since it was asked last. */
  since(): { readonly sent: number; readonly received: number } {
    let { sent, received } = this;
    for (const socket of this.open) {
      sent += socket.bytesWritten;
      received += socket.bytesRead;
    }
    const news = { sent: sent - this.toldSent, received: received - this.toldReceived };
    this.toldSent = sent;
    this.toldReceived = received;
    return news;
  }
}

const CLIENT_OPTIONS: Client.Options = {
  pipelining: 1,
  // The engine's timer is exact to a millisecond, undici's to a second.
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_MS,
  keepAliveMaxTimeout: KEEP_ALIVE_MS,
};

/** `opened`: told of the connection before `callback` is. */
type Connect = (
  target: buildConnector.Options,
  callback: buildConnector.Callback,
  opened: (socket: Socket) => void,
) => void;

function connectorOf(
  { insecureSkipTLSVerify, hosts, tls, blockedAddresses }: ScriptOptions,
  traffic: Traffic,
): Connect {
  const blocked = new BlockedAddresses(blockedAddresses);
  const connector = buildConnector({
    // The request's own timeout covers the connect.
    timeout: 0,
    rejectUnauthorized: !insecureSkipTLSVerify,
    ...tls,
    ...(blocked.isEmpty ? {} : { lookup: blocked.lookup }),
  });
  return (target, callback, opened) => {
    const reached = mapped(target, hosts);
    // An address is looked up nowhere.
    if (blocked.has(unbracketed(reached.hostname))) {
      callback(new AddressBlocked(reached.hostname), null);
      return;
    }
    connector(reached, (...made) => {
      // After an error there is none, whatever the types say.
      const socket = made[1] as Socket | null | undefined;
      if (socket !== null && socket !== undefined) {
        traffic.count(socket);
        opened(socket);
      }
      callback(...made);
    });
  };
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
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
