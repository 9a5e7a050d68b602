/** A replica for the hop's tests: it notes what reaches it, and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** The local port of the client's side: the same for requests of one connection. */
  readonly connection: number | undefined;
}

export interface Replica {
  readonly address: string;
  readonly received: Received[];
  /** Resolves when so many requests have come. */
  untilReceived(count: number): Promise<void>;
  close(): Promise<void>;
}

export type Answering = (received: Received, response: ServerResponse, request: IncomingMessage) => void;

const answerName =
  (name: string): Answering =>
  ({ body }, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ redemption_id: `r-${name}`, got: body }));
  };

const opened = new Set<Replica>();

export async function replica(name: string, answer: Answering = answerName(name)): Promise<Replica> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const got: Received = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(parts).toString(),
        connection: request.socket.remotePort,
      };
      received.push(got);
      for (const wake of waiting) wake();
      waiting.clear();
      answer(got, response, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const made: Replica = {
    address: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    received,
    untilReceived: async (count) => {
      while (received.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    close: async () => {
      opened.delete(made);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  opened.add(made);
  return made;
}

export async function closeReplicas(): Promise<void> {
  await Promise.all([...opened].map((each) => each.close()));
}

/** The bytes of a request with a body of known length. */
export function post(path: string, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({
    Host: 'test',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  });
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}
