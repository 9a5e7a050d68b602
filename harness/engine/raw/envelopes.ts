/**
 * Ways to send one redemption again that no HTTP client offers: letter case and order of headers, the version, the shape of
 * the body. None makes another redemption of it. (What a client can send stands with the scripts.)
 */

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly version: '1.0' | '1.1';
  /** In the order in which they are sent; lengths and connection are not among them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The one that carries the key; undefined: the body does. */
  readonly keyHeader?: string | undefined;
  readonly body: string;
}

export interface RawEnvelope {
  readonly name: string;
  readonly changes: string;
  /** A refusal is as right as a replay. */
  readonly mayRefuse: boolean;
  /** The head's headers and the body, changed. */
  readonly put: (request: RawRequest) => Partial<RawRequest>;
  /** The body goes out in chunks, without a length. */
  readonly isChunked?: boolean;
  /** It changes the line of the key: with a key in the body there is none. */
  readonly isOfKeyHeader?: boolean;
}

export const RAW_ENVELOPES: readonly RawEnvelope[] = [
  {
    name: 'header names in lower case',
    changes: 'as HTTP/2 and most proxies write them',
    mayRefuse: false,
    put: ({ headers }) => ({ headers: headers.map(([name, value]) => [name.toLowerCase(), value]) }),
  },
  {
    name: 'header names in capitals',
    changes: 'as some gateways write them',
    mayRefuse: false,
    put: ({ headers }) => ({ headers: headers.map(([name, value]) => [name.toUpperCase(), value]) }),
  },
  {
    name: 'headers in reverse',
    changes: 'their order, which says nothing',
    mayRefuse: false,
    put: ({ headers }) => ({ headers: headers.toReversed() }),
  },
  {
    name: 'blanks around the key',
    changes: 'white space that belongs to no value (RFC 9110, section 5.5)',
    mayRefuse: false,
    isOfKeyHeader: true,
    // Around a token they would be refused first, and the key would not be looked at.
    put: ({ headers, keyHeader }) => ({
      headers: headers.map(([name, value]) => [name, name === keyHeader ? `  ${value} \t` : value]),
    }),
  },
  {
    name: 'HTTP/1.0',
    changes: 'the version, as old proxies speak it',
    mayRefuse: true,
    put: () => ({ version: '1.0' }),
  },
  {
    name: 'a body in chunks',
    changes: 'no length beforehand',
    mayRefuse: true,
    isChunked: true,
    put: () => ({}),
  },
  {
    name: 'another connection',
    changes: 'nothing but the connection, as after each restart of a client',
    mayRefuse: false,
    put: () => ({}),
  },
];

/** What goes over the wire; the connection ends with the answer. */
export function wireText(request: RawRequest, envelope?: RawEnvelope): string {
  const { method, path, version, headers, body } = { ...request, ...envelope?.put(request) };
  const isChunked = envelope?.isChunked === true;
  const length = Buffer.byteLength(body);
  const lines = [
    `${method} ${path} HTTP/${version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    'Connection: close',
  ];
  const sent = isChunked ? `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  return `${lines.join('\r\n')}\r\n\r\n${sent}`;
}
