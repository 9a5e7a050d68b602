/** Small TCP servers and clients for the proxy's tests; everything opened here is closed by `closeAll`. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const opened = new Set<Server | Socket>();

export interface TestServer {
  readonly port: number;
  readonly address: string;
  /** The connections that came, in order. */
  readonly sockets: readonly Socket[];
  close(): Promise<void>;
}

/** A server on a free port of 127.0.0.1. */
export async function serve(onSocket: (socket: Socket, number: number) => void): Promise<TestServer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    opened.add(socket);
    socket.on('error', () => {});
    sockets.push(socket);
    onSocket(socket, sockets.length);
  });
  opened.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    address: `127.0.0.1:${port}`,
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** Sends back what it gets, and the end when it comes. */
export function echo(): Promise<TestServer> {
  return serve((socket) => socket.pipe(socket));
}

/** A client's connection that keeps what it gets. */
export class TestClient {
  readonly socket: Socket;
  readonly chunks: { readonly data: Buffer; readonly at: number }[] = [];
  /** How the connection ended; undefined while it is open. */
  ended: 'end' | 'reset' | 'refused' | 'closed' | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    opened.add(socket);
    socket.on('data', (data: Buffer) => this.#note(() => this.chunks.push({ data, at: performance.now() })));
    socket.on('end', () => this.#note(() => (this.ended ??= 'end')));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#note(() => (this.ended ??= error.code === 'ECONNREFUSED' ? 'refused' : 'reset')),
    );
    socket.on('close', () => this.#note(() => (this.ended ??= 'closed')));
  }

  get text(): string {
    return Buffer.concat(this.chunks.map(({ data }) => data)).toString('latin1');
  }

  get byteCount(): number {
    return this.chunks.reduce((sum, { data }) => sum + data.length, 0);
  }

  send(data: string | Buffer): void {
    this.socket.write(data);
  }

  /** Resolves when the condition holds; it is looked at after everything that happens to the connection. */
  async until(condition: (client: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** What came by the time `text` was there. */
  async untilText(text: string): Promise<string> {
    await this.until(({ text: got }) => got.includes(text));
    return this.text;
  }

  async untilEnded(): Promise<string> {
    await this.until(({ ended }) => ended !== undefined);
    return this.ended ?? '';
  }

  #note(change: () => void): void {
    change();
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** Connects to `host:port` or a port of 127.0.0.1. */
export async function open(address: string | number): Promise<TestClient> {
  const port = typeof address === 'number' ? address : Number(address.split(':').at(-1));
  const client = new TestClient(connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true }));
  await new Promise<void>((resolve) => {
    client.socket.once('connect', resolve);
    client.socket.once('close', resolve);
  });
  return client;
}

/** A server that only keeps what it gets; `first` is its side of the first connection. */
export async function keep(): Promise<TestServer & { readonly first: Promise<TestClient> }> {
  const first = later<TestClient>();
  const server = await serve((socket) => first.resolve(new TestClient(socket)));
  return { ...server, first: first.promise };
}

/** Closes whatever servers and sockets are still open; for `afterEach`. */
export async function closeAll(): Promise<void> {
  const closing = [...opened].map(async (each) => {
    if ('listening' in each) {
      if (!each.listening) return;
      const closed = once(each, 'close');
      each.close();
      await closed;
    } else {
      each.destroy();
    }
  });
  opened.clear();
  await Promise.all(closing);
}

/** A promise and what resolves it (Promise.withResolvers is not in Node 20). */
export function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
