import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { harnessError, messageOf } from '../base/errors.ts';
import { decodeProxies, decodeProxy, decodeProxyUpdate, decodeToxic, decodeToxicUpdate } from './decode.ts';
import { formatAddress } from './address.ts';
import { goJson } from './go-json.ts';
import { metricsText } from './metrics.ts';
import { ProxyRefusal } from './refusal.ts';
import { nextRequestId } from './request-id.ts';
import type { ProxyState, ProxySpec, ProxyUpdate, ToxicSpec, ToxicState, ToxicUpdate } from './types.ts';

/** The version that /version gives: Toxiproxy's, whose API this is, with our name as build metadata. */
export const API_VERSION = '2.12.0+onceproof';

const MAX_BODY_BYTES = 1024 * 1024;
/** Go's default, with its slack. */
const MAX_HEAD_BYTES = 1024 * 1024 + 4096;

/** What the API serves: proxies and their toxics. What is refused is thrown as `ProxyRefusal`. */
export interface ProxyControl {
  create(spec: ProxySpec): Promise<ProxyState>;
  /** Adds those that came to be to `made` as it goes. */
  populate(specs: readonly ProxySpec[], made: ProxyState[]): Promise<ProxyState[]>;
  update(name: string, update: ProxyUpdate): Promise<ProxyState>;
  delete(name: string): Promise<void>;
  addToxic(proxyName: string, spec: ToxicSpec): Promise<ToxicState>;
  updateToxic(proxyName: string, toxicName: string, update: ToxicUpdate): Promise<ToxicState>;
  removeToxic(proxyName: string, toxicName: string): Promise<void>;
  toxic(proxyName: string, toxicName: string): ToxicState;
  reset(): Promise<void>;
  list(): Promise<ProxyState[]>;
  get(name: string): ProxyState;
  counts(): Parameters<typeof metricsText>[0];
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  /** Of a route that is there, whatever it answers. */
  readonly requestId?: string;
}

type Names = Readonly<Record<string, string>>;
type Handler = (proxy: ProxyControl, body: string, names: Names) => Promise<Answer>;
type Methods = Readonly<Record<string, Handler>>;
/** Whatever the method. */
const ANY = '*';

const showProxy: Handler = async (proxy, _, { p = '' }) => json(200, proxy.get(p));
const updateProxy: Handler = async (proxy, body, { p = '' }) => {
  // An unknown proxy is said before a broken body is.
  proxy.get(p);
  return json(200, await proxy.update(p, decodeProxyUpdate(body)));
};
const updateToxic: Handler = async (proxy, body, { p = '', t = '' }) => {
  proxy.toxic(p, t);
  return json(200, await proxy.updateToxic(p, t, decodeToxicUpdate(body)));
};

const ROUTES: readonly { readonly pattern: RegExp; readonly methods: Methods }[] = [
  {
    pattern: /^\/proxies$/,
    methods: {
      GET: async (proxy) =>
        json(200, Object.fromEntries((await proxy.list()).map((state) => [state.name, state]))),
      POST: async (proxy, body) => json(201, await proxy.create(decodeProxy(body))),
    },
  },
  {
    pattern: /^\/proxies\/(?<p>[^/]+)$/,
    methods: {
      GET: showProxy,
      POST: updateProxy,
      PATCH: updateProxy,
      DELETE: async (proxy, _, { p = '' }) => {
        await proxy.delete(p);
        return { status: 204 };
      },
    },
  },
  {
    pattern: /^\/proxies\/(?<p>[^/]+)\/toxics$/,
    methods: {
      GET: async (proxy, _, { p = '' }) => json(200, proxy.get(p).toxics),
      POST: async (proxy, body, { p = '' }) => {
        proxy.get(p);
        return json(200, await proxy.addToxic(p, decodeToxic(body)));
      },
    },
  },
  {
    pattern: /^\/proxies\/(?<p>[^/]+)\/toxics\/(?<t>[^/]+)$/,
    methods: {
      GET: async (proxy, _, { p = '', t = '' }) => json(200, proxy.toxic(p, t)),
      POST: updateToxic,
      PATCH: updateToxic,
      DELETE: async (proxy, _, { p = '', t = '' }) => {
        await proxy.removeToxic(p, t);
        return { status: 204 };
      },
    },
  },
  { pattern: /^\/populate$/, methods: { POST: populate } },
  {
    pattern: /^\/reset$/,
    methods: {
      POST: async (proxy) => {
        await proxy.reset();
        return { status: 204 };
      },
    },
  },
  {
    pattern: /^\/version$/,
    methods: {
      GET: async () => ({
        status: 200,
        type: 'application/json;charset=utf-8',
        body: `{"version": "${API_VERSION}"}\n`,
      }),
    },
  },
  {
    pattern: /^\/metrics$/,
    methods: {
      [ANY]: async (proxy) => ({
        status: 200,
        type: 'text/plain; version=0.0.4; charset=utf-8',
        body: metricsText(proxy.counts()),
      }),
    },
  },
];

/** Toxiproxy's HTTP API over proxies that another holds. */
export class ApiServer {
  readonly #proxy: ProxyControl;
  readonly #server: Server;

  constructor(proxy: ProxyControl) {
    this.#proxy = proxy;
    this.#server = createServer(
      { maxHeaderSize: MAX_HEAD_BYTES },
      (request, response) => void this.#serve(request, response),
    );
  }

  /** Throws `HarnessError` proxy-api-address when the address cannot be listened on. */
  async listen(host: string, port: number): Promise<{ host: string; port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          harnessError('proxy-api-address', "the proxy's API cannot listen there", {
            field: formatAddress({ host, port }),
            expected: 'a free address of this machine',
            found: error.code,
            cause: error,
          }),
        ),
      );
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address();
    return { host, port: typeof address === 'object' && address !== null ? address.port : port };
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(response, await this.#answer(request));
    } catch (error) {
      send(response, answerOf(error));
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    for (const { pattern, methods } of ROUTES) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const handler = methods[request.method ?? ''] ?? methods[ANY];
      if (handler === undefined) return { status: 405 };
      const answer = await this.#handle(request, handler, match.groups ?? {}).catch(answerOf);
      return { ...answer, requestId: nextRequestId() };
    }
    return plain(404, '404 page not found');
  }

  async #handle(request: IncomingMessage, handler: Handler, names: Names): Promise<Answer> {
    // Browsers are kept out, so that a web page cannot drive the proxy.
    if (request.headers['user-agent']?.startsWith('Mozilla/') === true)
      return plain(403, 'User agent not allowed');
    return handler(this.#proxy, await bodyOf(request), decodeNames(names));
  }
}

async function populate(proxy: ProxyControl, body: string): Promise<Answer> {
  const made: ProxyState[] = [];
  const listed = (): ProxyState[] | null => (made.length === 0 ? null : made);
  try {
    await proxy.populate(decodeProxies(body), made);
    return json(201, { proxies: listed() });
  } catch (error) {
    const { status, message } =
      error instanceof ProxyRefusal ? error : { status: 500, message: messageOf(error) };
    return json(status, { error: message, status, proxies: listed() });
  }
}

function decodeNames(groups: Names): Names {
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeName(text)]));
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ProxyRefusal(400, `invalid URL escape in "${text}"`);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    // What is too much is read all the same: a client gets the answer only when it has sent everything.
    if (size <= MAX_BODY_BYTES) parts.push(part);
  }
  if (size > MAX_BODY_BYTES)
    throw new ProxyRefusal(413, `request body is larger than ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(parts).toString('utf8');
}

function answerOf(error: unknown): Answer {
  const { status, message } =
    error instanceof ProxyRefusal ? error : { status: 500, message: messageOf(error) };
  return plain(status, JSON.stringify({ error: message, status }));
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: goJson(value) };
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function send(response: ServerResponse, { status, type, body = '', requestId }: Answer): void {
  if (response.destroyed) return;
  const headers: Record<string, string | number> = type === undefined ? {} : { 'Content-Type': type };
  if (type?.startsWith('text/plain; charset') === true) headers['X-Content-Type-Options'] = 'nosniff';
  if (requestId !== undefined) headers['X-Toxiproxy-Request-Id'] = requestId;
  if (status !== 204) headers['Content-Length'] = Buffer.byteLength(body);
  response.writeHead(status, headers).end(body);
}
