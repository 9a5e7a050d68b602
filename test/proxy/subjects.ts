/** The two proxies that the conformance tests compare, each behind its HTTP API. */
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import { findToxiproxy, startToxiproxy } from '../../harness/proxy/toxiproxy-process.ts';

export interface Subject {
  readonly name: 'embedded' | 'toxiproxy';
  readonly url: string;
  close(): Promise<void>;
}

/** The program of a real Toxiproxy: named by TOXIPROXY, or found. */
export const TOXIPROXY = process.env['TOXIPROXY'] ?? findToxiproxy();

export interface SubjectKind {
  readonly name: Subject['name'];
  /** Said in the tests' names when the subject is not there. */
  readonly title: string;
  readonly isMissing: boolean;
  start(): Promise<Subject>;
}

export const SUBJECTS: readonly SubjectKind[] = [
  {
    name: 'embedded',
    title: 'embedded',
    isMissing: false,
    start: async () => {
      const proxy = new ChaosProxy({ seed: 1 });
      const { host, port } = await proxy.listenApi('127.0.0.1', 0);
      return { name: 'embedded', url: `http://${host}:${port}`, close: () => proxy.close() };
    },
  },
  {
    name: 'toxiproxy',
    title: TOXIPROXY === undefined ? 'toxiproxy (skipped: no toxiproxy-server is installed)' : 'toxiproxy',
    isMissing: TOXIPROXY === undefined,
    start: async () => {
      const running = await startToxiproxy(TOXIPROXY ?? '');
      return { name: 'toxiproxy', url: running.url, close: () => running.stop() };
    },
  },
];

export interface ApiAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  /** The body as JSON, without the original's "Logger". */
  readonly json: unknown;
}

/** One call of the API; a body that is not a string is sent as JSON. */
export async function callApi(
  { url }: Pick<Subject, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (name, value: unknown) => (name === 'Logger' ? undefined : value));
  } catch {
    return undefined;
  }
}
