import { createServer, type Server, type Socket } from 'node:net';
import { formatAddress, resolveListen } from './address.ts';
import { ProxyRefusal, REFUSALS } from './refusal.ts';

/** A listening socket that can be closed and opened again at the address it had. */
export class Listener {
  readonly #onClient: (client: Socket) => void;
  #server: Server | undefined;

  constructor(onClient: (client: Socket) => void) {
    this.#onClient = onClient;
  }

  /** Listens and gives the real address back; throws Toxiproxy's 500 when that cannot be. */
  async open(listen: string): Promise<string> {
    const { host, port } = await resolveListen(listen).catch(refuseListen);
    const server = createServer({ allowHalfOpen: true, noDelay: true }, this.#onClient);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(refusalOf(error, formatAddress({ host, port }))));
      server.listen({ host, port }, resolve);
    });
    server.removeAllListeners('error');
    // An accept that fails (no descriptor left) concerns one client, not the proxy.
    server.on('error', () => {});
    this.#server = server;
    const bound = server.address();
    return formatAddress({ host, port: typeof bound === 'object' && bound !== null ? bound.port : port });
  }

  /** Takes no more clients; resolves when the port is free, which needs every connection to be gone. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }
}

/** Resolves when the socket's descriptor is closed. */
export function closed(socket: Socket): Promise<void> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
};

/** What is wrong with an address is said to be so of listening there, as Go does. */
function refuseListen(error: unknown): never {
  throw error instanceof ProxyRefusal ? REFUSALS.address(`listen tcp: ${error.message}`) : error;
}

function refusalOf(error: NodeJS.ErrnoException, address: string): ProxyRefusal {
  return REFUSALS.listen(address, REASONS[error.code ?? ''] ?? error.message);
}
