import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callApi, SUBJECTS, type ApiAnswer, type Subject } from './subjects.ts';

/** What a row looks at: the last call's answer. A function as expectation judges the parsed body. */
interface Row {
  readonly name: string;
  /** Calls before the one that is judged; the proxy `p` with a free port is always there. */
  readonly before?: readonly Call[];
  readonly call: Call;
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly type?: string;
  /** What the embedded proxy does instead: a name of differences.ts, and its expectation. */
  readonly embedded?: { readonly difference: string; readonly status: number; readonly body?: unknown };
}

type Call = readonly [method: string, path: string, body?: unknown, headers?: Record<string, string>];

type Numbers = Readonly<Record<string, number>>;

const P = { name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' };
const shownP = { name: 'p', listen: expect.stringMatching(/^127\.0\.0\.1:\d+$/), upstream: '127.0.0.1:9' };
const latency = {
  attributes: { latency: 5, jitter: 0 },
  name: 'l',
  type: 'latency',
  stream: 'downstream',
  toxicity: 1,
};
/** Each of Toxiproxy's toxics with every attribute, and an update of one of them. */
const TOXICS: Readonly<Record<string, readonly [all: Numbers, changed: Numbers]>> = {
  latency: [{ latency: 1, jitter: 2 }, { jitter: 7 }],
  bandwidth: [{ rate: 1 }, { rate: 7 }],
  slow_close: [{ delay: 1 }, { delay: 7 }],
  timeout: [{ timeout: 1 }, { timeout: 7 }],
  reset_peer: [{ timeout: 1 }, { timeout: 7 }],
  slicer: [{ average_size: 1, size_variation: 0, delay: 3 }, { delay: 7 }],
  limit_data: [{ bytes: 1 }, { bytes: 7 }],
};
/** Bodies that are no JSON, and Go's words for them. */
const BROKEN: Readonly<Record<string, string>> = {
  '{"name":q}': "invalid character 'q' looking for beginning of value",
  '{name:"q"}': "invalid character 'n' looking for beginning of object key string",
  '{"name":"q",}': "invalid character '}' looking for beginning of object key string",
  '[1,2': 'unexpected EOF',
  '{"a":01}': "invalid character '1' after object key:value pair",
  '{"a":tru}': "invalid character '}' in literal true (expecting 'e')",
  nope: "invalid character 'o' in literal null (expecting 'u')",
  "{'a':1}": String.raw`invalid character '\'' looking for beginning of object key string`,
  '{"a" 1}': "invalid character '1' after object key",
  '{"a":1 "b":2}': "invalid character '\"' after object key:value pair",
  '{"a":"\\x"}': "invalid character 'x' in string escape code",
  '{"a":"\\u12g4"}': String.raw`invalid character 'g' in \u hexadecimal character escape`,
  '{"a":-}': "invalid character '}' in numeric literal",
  '{"a":1.}': "invalid character '}' after decimal point in numeric literal",
  '{"a":1e+}': "invalid character '}' in exponent of numeric literal",
  '{"a":+1}': "invalid character '+' looking for beginning of value",
  '[1 2]': "invalid character '2' after array element",
  '[1,]': "invalid character ']' looking for beginning of value",
  '{"a":"\t"}': String.raw`invalid character '\t' in string literal`,
  '{"a":"\u0001"}': String.raw`invalid character '\x01' in string literal`,
  '{"a":é}': "invalid character 'Ã' looking for beginning of value",
  '-': 'unexpected EOF',
  '"\\u1': 'unexpected EOF',
  ' \n': 'EOF',
};
const SERVICES = [
  ['https', 443],
  ['POP3', 110],
  ['redis', 6379],
] as const;
const addLatency: Call = [
  'POST',
  '/proxies/p/toxics',
  { name: 'l', type: 'latency', attributes: { latency: 5 } },
];
const error = (status: number, text: string) => ({ error: text, status });
const PLAIN = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';

const ROWS: readonly Row[] = [
  {
    name: 'proxies are a map by name',
    call: ['GET', '/proxies'],
    status: 200,
    type: JSON_TYPE,
    body: { p: { ...shownP, enabled: true, toxics: [] } },
  },
  {
    name: 'a created proxy gives its real port',
    call: ['POST', '/proxies', { ...P, name: 'q' }],
    status: 201,
    type: JSON_TYPE,
    body: { ...shownP, name: 'q', enabled: true, toxics: [] },
  },
  {
    name: 'a proxy can be created down',
    call: ['POST', '/proxies', { ...P, name: 'q', enabled: false }],
    status: 201,
    body: { name: 'q', listen: '127.0.0.1:0', upstream: '127.0.0.1:9', enabled: false, toxics: [] },
  },
  {
    name: 'unknown members are ignored',
    call: ['POST', '/proxies', { ...P, name: 'q', colour: 'red' }],
    status: 201,
  },
  {
    name: 'members are found in any letter case',
    call: ['POST', '/proxies', { NAME: 'q', Upstream: 'a:1', listen: '127.0.0.1:0' }],
    status: 201,
  },
  {
    name: 'a null leaves the default',
    call: ['POST', '/proxies', { ...P, name: 'q', enabled: null }],
    status: 201,
    body: { ...shownP, name: 'q', enabled: true, toxics: [] },
  },
  {
    name: 'a proxy needs a name',
    call: ['POST', '/proxies', {}],
    status: 400,
    type: PLAIN,
    body: error(400, 'missing required field: name'),
  },
  {
    name: 'a proxy needs an upstream',
    call: ['POST', '/proxies', { name: 'q' }],
    status: 400,
    body: error(400, 'missing required field: upstream'),
  },
  {
    name: 'a name is there once',
    call: ['POST', '/proxies', P],
    status: 409,
    type: PLAIN,
    text: '{"error":"proxy already exists","status":409}\n',
  },
  {
    name: 'an empty body is a bad one',
    call: ['POST', '/proxies', ''],
    status: 400,
    body: error(400, 'bad request body: EOF'),
  },
  {
    name: 'a body that is cut off',
    call: ['POST', '/proxies', '{"name":"q'],
    status: 400,
    body: error(400, 'bad request body: unexpected EOF'),
  },
  {
    name: 'a body that is not JSON',
    call: ['POST', '/proxies', 'name=q'],
    status: 400,
    body: { error: expect.stringMatching(/^bad request body: ./), status: 400 },
  },
  {
    name: 'a list is no proxy',
    call: ['POST', '/proxies', []],
    status: 400,
    body: error(400, 'bad request body: json: cannot unmarshal array into Go value of type toxiproxy.Proxy'),
  },
  {
    name: 'a name is a string',
    call: ['POST', '/proxies', { ...P, name: 5 }],
    status: 400,
    body: error(
      400,
      'bad request body: json: cannot unmarshal number into Go struct field Proxy.name of type string',
    ),
  },
  {
    name: 'an address without a port',
    call: ['POST', '/proxies', { ...P, name: 'q', listen: 'foo' }],
    status: 500,
    body: { error: expect.stringContaining('address foo: missing port in address'), status: 500 },
  },
  ...Object.entries({
    '127.0.0.1:99999': 'address 99999: invalid port',
    '127.0.0.1:x': 'lookup tcp/x: unknown port',
    '127.0.0.1': 'address 127.0.0.1: missing port in address',
    '::1:80': 'address ::1:80: too many colons in address',
  }).flatMap(([listen, reason]): Row[] => [
    {
      name: `a proxy that listens on ${listen}`,
      call: ['POST', '/proxies', { ...P, name: 'q', listen }],
      status: 500,
      type: PLAIN,
      body: error(500, `listen tcp: ${reason}`),
    },
    {
      name: `an update to listen on ${listen}`,
      call: ['POST', '/proxies/p', { listen }],
      status: 500,
      body: error(500, reason),
    },
    {
      name: `an update to listen on ${listen} changes nothing`,
      before: [['POST', '/proxies/p', { listen }]],
      call: ['GET', '/proxies/p'],
      status: 200,
      body: { ...shownP, enabled: true, toxics: [] },
    },
  ]),
  {
    name: 'a body that is null has no name',
    call: ['POST', '/proxies', 'null'],
    status: 400,
    body: error(400, 'missing required field: name'),
  },
  {
    name: 'the last of two members of one name counts',
    call: ['POST', '/proxies', '{"name":"q","upstream":"127.0.0.1:9","listen":"127.0.0.1:0","name":"r"}'],
    status: 201,
    body: { ...shownP, name: 'r', enabled: true, toxics: [] },
  },
  {
    name: 'an upstream is not looked at before somebody connects',
    call: ['POST', '/proxies', { ...P, name: 'q', upstream: 'nonsense' }],
    status: 201,
    body: { ...shownP, name: 'q', upstream: 'nonsense', enabled: true, toxics: [] },
  },
  {
    name: 'a refused proxy is not there',
    before: [['POST', '/proxies', { ...P, name: 'q', listen: 'foo' }]],
    call: ['GET', '/proxies/q'],
    status: 404,
    body: error(404, 'proxy not found'),
  },
  {
    name: 'a hop',
    call: ['POST', '/proxies', { ...P, name: 'q', mode: 'http' }],
    status: 201,
    body: { ...shownP, name: 'q', enabled: true, toxics: [] },
    embedded: {
      difference: 'hops',
      status: 201,
      body: {
        ...shownP,
        name: 'q',
        mode: 'http',
        upstreams: [P.upstream],
        enabled: true,
        toxics: [],
      },
    },
  },
  {
    name: 'a hop with upstreams alone',
    call: ['POST', '/proxies', { name: 'q', listen: P.listen, mode: 'http', upstreams: [P.upstream] }],
    status: 400,
    body: error(400, 'missing required field: upstream'),
    embedded: { difference: 'hops', status: 201 },
  },
  {
    name: 'an unknown mode',
    call: ['POST', '/proxies', { ...P, name: 'q', mode: 'udp' }],
    status: 201,
    embedded: {
      difference: 'hops',
      status: 400,
      body: error(400, 'bad request body: mode must be tcp or http, found "udp"'),
    },
  },
  {
    name: 'a body of 2 MB',
    call: ['POST', '/proxies', { ...P, name: 'q', pad: 'x'.repeat(2_000_000) }],
    status: 201,
    embedded: {
      difference: 'large bodies',
      status: 413,
      body: error(413, 'request body is larger than 1048576 bytes'),
    },
  },
  {
    name: 'one proxy',
    call: ['GET', '/proxies/p'],
    status: 200,
    type: JSON_TYPE,
    body: { ...shownP, enabled: true, toxics: [] },
  },
  {
    name: 'an unknown proxy',
    call: ['GET', '/proxies/x'],
    status: 404,
    type: PLAIN,
    text: '{"error":"proxy not found","status":404}\n',
  },
  {
    name: 'an update by POST',
    call: ['POST', '/proxies/p', { enabled: false }],
    status: 200,
    type: JSON_TYPE,
    body: { ...shownP, enabled: false, toxics: [] },
  },
  {
    name: 'an update by PATCH',
    call: ['PATCH', '/proxies/p', { upstream: '127.0.0.1:10' }],
    status: 200,
    body: { ...shownP, upstream: '127.0.0.1:10', enabled: true, toxics: [] },
  },
  {
    name: 'an update keeps the toxics',
    before: [addLatency],
    call: ['POST', '/proxies/p', { upstream: '127.0.0.1:10' }],
    status: 200,
    body: { ...shownP, upstream: '127.0.0.1:10', enabled: true, toxics: [latency] },
  },
  {
    name: 'an update ignores a new name',
    call: ['POST', '/proxies/p', { name: 'z' }],
    status: 200,
    body: { ...shownP, enabled: true, toxics: [] },
  },
  {
    name: 'an update of an unknown proxy is that before its body is read',
    call: ['POST', '/proxies/x', '{'],
    status: 404,
    body: error(404, 'proxy not found'),
  },
  {
    name: 'an update with a broken body',
    call: ['POST', '/proxies/p', '{'],
    status: 400,
    body: error(400, 'bad request body: unexpected EOF'),
  },
  {
    name: 'an update to an address without a port',
    call: ['POST', '/proxies/p', { listen: 'bad' }],
    status: 500,
    body: error(500, 'address bad: missing port in address'),
  },
  ...[{}, 'null', { enabled: null, upstream: null, listen: null }].map((body): Row => ({
    name: `an update with ${JSON.stringify(body)} changes nothing`,
    before: [addLatency],
    call: ['POST', '/proxies/p', body],
    status: 200,
    body: { ...shownP, enabled: true, toxics: [latency] },
  })),
  ...Object.entries({
    '': 'EOF',
    '[]': 'json: cannot unmarshal array into Go value of type toxiproxy.Proxy',
    '{"enabled":"x"}': 'json: cannot unmarshal string into Go struct field Proxy.enabled of type bool',
    '{"upstream":5}': 'json: cannot unmarshal number into Go struct field Proxy.upstream of type string',
  }).map(([body, reason]): Row => ({
    name: `an update with ${body === '' ? 'nothing' : body}`,
    call: ['PATCH', '/proxies/p', body],
    status: 400,
    type: PLAIN,
    body: error(400, `bad request body: ${reason}`),
  })),
  {
    name: 'an update of a proxy that is down leaves it so',
    before: [['POST', '/proxies/p', { enabled: false }]],
    call: ['POST', '/proxies/p', { listen: '127.0.0.1:5', upstream: '127.0.0.1:10' }],
    status: 200,
    body: { name: 'p', listen: '127.0.0.1:5', upstream: '127.0.0.1:10', enabled: false, toxics: [] },
  },
  {
    name: 'an update to an address that is not of this machine',
    // TEST-NET-1 of RFC 5737.
    call: ['POST', '/proxies/p', { listen: '192.0.2.1:1' }],
    status: 500,
    body: error(500, 'listen tcp 192.0.2.1:1: bind: cannot assign requested address'),
  },
  {
    name: 'an update to an address that cannot be had takes the proxy down',
    before: [['POST', '/proxies/p', { listen: '192.0.2.1:1' }]],
    call: ['GET', '/proxies/p'],
    status: 200,
    body: { ...shownP, listen: '192.0.2.1:1', enabled: false, toxics: [] },
  },
  {
    name: 'a reset of a proxy that cannot come up',
    before: [['POST', '/proxies/p', { listen: '192.0.2.1:1' }]],
    call: ['POST', '/reset'],
    status: 500,
    type: PLAIN,
    body: error(500, 'listen tcp 192.0.2.1:1: bind: cannot assign requested address'),
  },
  {
    name: 'an update that empties the upstream',
    call: ['POST', '/proxies/p', { upstream: '' }],
    status: 200,
    embedded: {
      difference: 'empty upstream',
      status: 400,
      body: error(400, 'missing required field: upstream'),
    },
  },
  { name: 'a deleted proxy', call: ['DELETE', '/proxies/p'], status: 204, text: '' },
  {
    name: 'a deleted proxy is gone',
    before: [['DELETE', '/proxies/p']],
    call: ['GET', '/proxies/p'],
    status: 404,
  },
  {
    name: 'deleting an unknown proxy',
    call: ['DELETE', '/proxies/x'],
    status: 404,
    body: error(404, 'proxy not found'),
  },

  ...(
    [
      ['GET', ''],
      ['POST', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['GET', '/toxics'],
      ['POST', '/toxics'],
      ['GET', '/toxics/l'],
      ['POST', '/toxics/l'],
      ['PATCH', '/toxics/l'],
      ['DELETE', '/toxics/l'],
    ] as const
  ).map(([method, path]): Row => ({
    name: `${method} ${path} of an unknown proxy`,
    call: [method, `/proxies/x${path}`, ['POST', 'PATCH'].includes(method) ? '{' : undefined],
    status: 404,
    type: PLAIN,
    text: '{"error":"proxy not found","status":404}\n',
  })),

  { name: 'toxics are a list', call: ['GET', '/proxies/p/toxics'], status: 200, type: JSON_TYPE, text: '[]' },
  {
    name: 'toxics of an unknown proxy',
    call: ['GET', '/proxies/x/toxics'],
    status: 404,
    body: error(404, 'proxy not found'),
  },
  {
    name: 'upstream toxics are listed first',
    before: [
      addLatency,
      [
        'POST',
        '/proxies/p/toxics',
        { name: 'u', type: 'latency', stream: 'upstream', attributes: { latency: 5 } },
      ],
    ],
    call: ['GET', '/proxies/p/toxics'],
    status: 200,
    body: [{ ...latency, name: 'u', stream: 'upstream' }, latency],
  },
  {
    name: "a toxic's defaults",
    call: ['POST', '/proxies/p/toxics', { type: 'slow_close' }],
    status: 200,
    type: JSON_TYPE,
    body: {
      attributes: { delay: 0 },
      name: 'slow_close_downstream',
      type: 'slow_close',
      stream: 'downstream',
      toxicity: 1,
    },
  },
  {
    name: 'a stream in any letter case stays as it was written',
    call: ['POST', '/proxies/p/toxics', { type: 'timeout', stream: 'UpStream', toxicity: 0.25 }],
    status: 200,
    body: {
      attributes: { timeout: 0 },
      name: 'timeout_UpStream',
      type: 'timeout',
      stream: 'UpStream',
      toxicity: 0.25,
    },
  },
  ...Object.entries(TOXICS).flatMap(([type, [attributes, changed]]): Row[] => {
    const shown = { name: `${type}_downstream`, type, stream: 'downstream', toxicity: 1 };
    const path = `/proxies/p/toxics/${shown.name}`;
    const add: Call = ['POST', '/proxies/p/toxics', { type, attributes }];
    const [field = ''] = Object.keys(attributes);
    const zeros = Object.fromEntries(Object.keys(attributes).map((name) => [name, 0]));
    return [
      {
        name: `${type} keeps its attributes and ignores others`,
        call: ['POST', '/proxies/p/toxics', { type, attributes: { ...attributes, other: 1 } }],
        status: 200,
        body: { ...shown, attributes },
      },
      {
        name: `${type} without attributes has zeros`,
        call: ['POST', '/proxies/p/toxics', { type }],
        status: 200,
        body: { ...shown, attributes: zeros },
      },
      {
        name: `an update of ${type} merges attributes`,
        before: [add],
        call: ['POST', path, { attributes: { ...changed, other: 1 } }],
        status: 200,
        body: { ...shown, attributes: { ...attributes, ...changed } },
      },
      {
        name: `an update of ${type} with a null or nothing changes nothing`,
        before: [add, ['POST', path, { attributes: { [field]: null } }]],
        call: ['PATCH', path, {}],
        status: 200,
        body: { ...shown, attributes },
      },
      {
        name: `an update of ${type} may set a 0 and the toxicity at once, and is kept`,
        before: [add, ['PATCH', path, { toxicity: 0, attributes: { [field]: 0 } }]],
        call: ['GET', path],
        status: 200,
        body: { ...shown, toxicity: 0, attributes: { ...attributes, [field]: 0 } },
      },
      {
        name: `an attribute of ${type} is a number`,
        call: ['POST', '/proxies/p/toxics', { type, attributes: { [field]: 'x' } }],
        status: 400,
        body: {
          status: 400,
          error: expect.stringMatching(
            `^bad request body: json: cannot unmarshal string into Go struct field \\w+Toxic\\.attributes\\.${field} of type int(64)?$`,
          ),
        },
      },
    ];
  }),
  {
    name: 'an unknown type',
    call: ['POST', '/proxies/p/toxics', { type: 'packet_loss' }],
    status: 400,
    type: PLAIN,
    body: error(400, 'invalid toxic type'),
  },
  {
    name: 'a toxic without a type',
    call: ['POST', '/proxies/p/toxics', {}],
    status: 400,
    body: error(400, 'invalid toxic type'),
  },
  {
    name: 'a toxic that is null',
    call: ['POST', '/proxies/p/toxics', 'null'],
    status: 400,
    body: error(400, 'invalid toxic type'),
  },
  {
    name: 'an unknown stream, said before an unknown type',
    call: ['POST', '/proxies/p/toxics', { type: 'x', stream: 'sideways' }],
    status: 400,
    body: error(400, 'stream was invalid, can be either upstream or downstream'),
  },
  {
    name: 'an empty stream',
    call: ['POST', '/proxies/p/toxics', { type: 'latency', stream: '' }],
    status: 400,
    body: error(400, 'stream was invalid, can be either upstream or downstream'),
  },
  {
    name: 'nulls leave the defaults of a toxic',
    call: [
      'POST',
      '/proxies/p/toxics',
      { type: 'latency', name: null, stream: null, toxicity: null, attributes: null },
    ],
    status: 200,
    body: { ...latency, name: 'latency_downstream', attributes: { latency: 0, jitter: 0 } },
  },
  {
    name: 'an empty name is none',
    call: ['POST', '/proxies/p/toxics', { type: 'latency', name: '', attributes: { latency: 5 } }],
    status: 200,
    body: { ...latency, name: 'latency_downstream' },
  },
  {
    name: 'members and attributes of a toxic are found in any letter case',
    call: ['POST', '/proxies/p/toxics', '{"Name":"l","TYPE":"latency","Attributes":{"LATENCY":5}}'],
    status: 200,
    body: latency,
  },
  {
    name: 'a toxicity is a float of 32 bits, and shown as it was given',
    call: ['POST', '/proxies/p/toxics', { name: 'l', type: 'latency', toxicity: 0.1 }],
    status: 200,
    body: { ...latency, toxicity: 0.1, attributes: { latency: 0, jitter: 0 } },
  },
  {
    name: 'an unknown type is said before a name that is taken',
    before: [addLatency],
    call: ['POST', '/proxies/p/toxics', { name: 'l', type: 'x' }],
    status: 400,
    body: error(400, 'invalid toxic type'),
  },
  {
    name: 'a name that is taken is said before a wrong attribute',
    before: [addLatency],
    call: ['POST', '/proxies/p/toxics', { name: 'l', type: 'latency', attributes: { latency: 'x' } }],
    status: 409,
    type: PLAIN,
    body: error(409, 'toxic already exists'),
  },
  {
    name: 'a refused toxic is not there',
    before: [['POST', '/proxies/p/toxics', { name: 'l', type: 'latency', attributes: { latency: 'x' } }]],
    call: ['GET', '/proxies/p/toxics'],
    status: 200,
    text: '[]',
  },
  {
    name: 'an HTTP toxic on a proxy that carries bytes',
    call: ['POST', '/proxies/p/toxics', { type: 'http_lose_answer' }],
    status: 400,
    body: error(400, 'invalid toxic type'),
    embedded: {
      difference: 'HTTP toxics',
      status: 400,
      body: error(400, 'invalid toxic type: http_lose_answer works on http proxies, this one is tcp'),
    },
  },
  {
    name: 'an unknown type that looks like one of HTTP',
    call: ['POST', '/proxies/p/toxics', { type: 'http_nothing' }],
    status: 400,
    body: error(400, 'invalid toxic type'),
  },
  {
    name: 'a toxic of an unknown proxy',
    call: ['POST', '/proxies/x/toxics', { type: 'latency' }],
    status: 404,
    body: error(404, 'proxy not found'),
  },
  {
    name: 'a toxic name is there once over both streams',
    before: [addLatency],
    call: ['POST', '/proxies/p/toxics', { name: 'l', type: 'timeout', stream: 'upstream' }],
    status: 409,
    body: error(409, 'toxic already exists'),
  },
  {
    name: 'an attribute of the wrong type',
    call: ['POST', '/proxies/p/toxics', { type: 'latency', attributes: { latency: 'x' } }],
    status: 400,
    body: error(
      400,
      'bad request body: json: cannot unmarshal string into Go struct field LatencyToxic.attributes.latency of type int64',
    ),
  },
  ...Object.entries({
    '{"type":"latency","toxicity":"x"}': 'string into Go struct field ToxicWrapper.toxicity of type float32',
    '{"type":"latency","attributes":"x"}':
      'string into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic',
    '{"type":5}': 'number into Go struct field ToxicWrapper.type of type string',
    '[]': 'array into Go value of type toxics.ToxicWrapper',
    '{"type":"latency","attributes":[1]}':
      'array into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic',
    '{"type":"latency","attributes":{"latency":true}}':
      'bool into Go struct field LatencyToxic.attributes.latency of type int64',
    '{"type":"slicer","attributes":{"average_size":"x"}}':
      'string into Go struct field SlicerToxic.attributes.average_size of type int',
  }).map(([body, reason]): Row => ({
    name: `the toxic ${body}`,
    call: ['POST', '/proxies/p/toxics', body],
    status: 400,
    body: error(400, `bad request body: json: cannot unmarshal ${reason}`),
  })),
  ...Object.entries({
    '{"toxicity":"x"}': 'json: cannot unmarshal string into Go struct field .toxicity of type float32',
    '{"attributes":[]}':
      'json: cannot unmarshal array into Go struct field .attributes of type toxics.LatencyToxic',
    '[]': 'json: cannot unmarshal array into Go value of type struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }',
    '': 'EOF',
  }).map(([body, reason]): Row => ({
    name: `the update of a toxic with ${body === '' ? 'nothing' : body}`,
    before: [addLatency],
    call: ['POST', '/proxies/p/toxics/l', body],
    status: 400,
    body: error(400, `bad request body: ${reason}`),
  })),
  {
    name: 'the update of a toxic with nulls changes nothing',
    before: [addLatency],
    call: ['POST', '/proxies/p/toxics/l', { toxicity: null, attributes: null }],
    status: 200,
    body: latency,
  },
  ...Object.entries({ '5.5': 5.5, '1e3': 1000 }).map(([text, latencyMs]): Row => ({
    name: `a latency of ${text}`,
    call: ['POST', '/proxies/p/toxics', `{"type":"latency","attributes":{"latency":${text}}}`],
    status: 400,
    body: error(
      400,
      `bad request body: json: cannot unmarshal number ${text} into Go struct field LatencyToxic.attributes.latency of type int64`,
    ),
    embedded: {
      difference: 'fractions',
      status: 200,
      body: { ...latency, name: 'latency_downstream', attributes: { latency: latencyMs, jitter: 0 } },
    },
  })),
  ...['9223372036854775807', '9007199254740993'].map((text): Row => ({
    name: `a latency of ${text} is kept to the last digit`,
    before: [['POST', '/proxies/p/toxics', `{"type":"latency","attributes":{"latency":${text}}}`]],
    call: ['GET', '/proxies/p/toxics'],
    status: 200,
    text: `[{"attributes":{"latency":${text},"jitter":0},"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":1}]`,
  })),
  ...['9223372036854775808', '-9223372036854775809', '99999999999999999999999'].map((text): Row => ({
    name: `a latency of ${text} has more than 64 bits`,
    call: ['POST', '/proxies/p/toxics', `{"type":"latency","attributes":{"latency":${text}}}`],
    status: 400,
    body: error(
      400,
      `bad request body: json: cannot unmarshal number ${text} into Go struct field LatencyToxic.attributes.latency of type int64`,
    ),
  })),
  {
    name: 'noop has no attributes',
    call: ['POST', '/proxies/p/toxics', { type: 'noop', attributes: { latency: 5 } }],
    status: 200,
    body: { attributes: {}, name: 'noop_downstream', type: 'noop', stream: 'downstream', toxicity: 1 },
  },
  {
    name: 'noop is changed',
    before: [['POST', '/proxies/p/toxics', { type: 'noop', stream: 'upstream' }]],
    call: ['POST', '/proxies/p/toxics/noop_upstream', { attributes: { latency: 5 }, toxicity: 0.5 }],
    status: 200,
    body: { attributes: {}, name: 'noop_upstream', type: 'noop', stream: 'upstream', toxicity: 0.5 },
  },
  {
    name: 'noop in capitals',
    call: ['POST', '/proxies/p/toxics', { type: 'NOOP' }],
    status: 400,
    body: error(400, 'invalid toxic type'),
  },
  ...Object.entries(BROKEN).flatMap(([body, reason]): Row[] =>
    ['/proxies', '/proxies/p/toxics'].map((path) => ({
      name: `${path} with the body ${JSON.stringify(body)}`,
      call: ['POST', path, body],
      status: 400,
      type: PLAIN,
      body: error(400, `bad request body: ${reason}`),
    })),
  ),
  ...SERVICES.map(([name, port]): Row => ({
    name: `a port by the name ${name}`,
    call: ['POST', '/proxies', { ...P, name: 'q', listen: `127.0.0.1:${name}` }],
    // Whether the port can be had is a matter of the machine; the answer names it.
    status: expect.any(Number),
    text: expect.stringContaining(`127.0.0.1:${port}`),
  })),
  ...['nosuch', '0x10', '1e3', '9-'].map((port): Row => ({
    name: `a port by the unknown name ${port}`,
    call: ['POST', '/proxies', { ...P, name: 'q', listen: `127.0.0.1:${port}` }],
    status: 500,
    body: error(500, `listen tcp: lookup tcp/${port}: unknown port`),
  })),
  ...Object.entries({
    '127.0.0.1:-1': 'address -1: invalid port',
    '[::1': "address [::1: missing ']' in address",
    '[::1]0': 'address [::1]0: missing port in address',
    '[::1]': 'address [::1]: missing port in address',
    '[::1]:0:0': 'address [::1]:0:0: too many colons in address',
    'a]b:1': "address a]b:1: unexpected ']' in address",
    'a[b:1': "address a[b:1: unexpected '[' in address",
    '0:0': 'lookup 0: no such host',
    '127.1:0': 'lookup 127.1: no such host',
  }).map(([listen, reason]): Row => ({
    name: `a proxy on ${listen}`,
    call: ['POST', '/proxies', { ...P, name: 'q', listen }],
    status: 500,
    body: error(500, `listen tcp: ${reason}`),
  })),
  {
    name: 'an address of IPv6 is shown in brackets',
    call: ['POST', '/proxies', { ...P, name: 'q', listen: '[::1]:0' }],
    status: 201,
    body: {
      ...shownP,
      name: 'q',
      listen: expect.stringMatching(/^\[::1\]:\d+$/),
      enabled: true,
      toxics: [],
    },
  },
  {
    name: 'a header of 60 kB',
    call: ['GET', '/proxies/p', undefined, { 'X-Trace': 'x'.repeat(60_000) }],
    status: 200,
  },
  {
    name: 'a name of 60 kB',
    call: ['GET', `/proxies/${'x'.repeat(60_000)}`],
    status: 404,
    body: error(404, 'proxy not found'),
  },
  {
    name: 'a header of more than a MiB',
    call: ['GET', '/proxies/p', undefined, { 'X-Trace': 'x'.repeat(1_100_000) }],
    status: 431,
  },
  {
    name: 'a toxicity of 50',
    call: ['POST', '/proxies/p/toxics', { type: 'latency', toxicity: 50 }],
    status: 200,
    embedded: {
      difference: 'ranges',
      status: 400,
      body: error(400, 'bad request body: toxicity must be between 0 and 1, found 50'),
    },
  },
  {
    name: 'a negative attribute',
    call: ['POST', '/proxies/p/toxics', { type: 'latency', attributes: { latency: -1 } }],
    status: 200,
    embedded: {
      difference: 'ranges',
      status: 400,
      body: error(400, 'bad request body: attribute latency must not be negative, found -1'),
    },
  },
  {
    name: 'one toxic',
    before: [addLatency],
    call: ['GET', '/proxies/p/toxics/l'],
    status: 200,
    type: JSON_TYPE,
    body: latency,
  },
  {
    name: 'an unknown toxic',
    call: ['GET', '/proxies/p/toxics/x'],
    status: 404,
    body: error(404, 'toxic not found'),
  },
  {
    name: 'an update merges attributes',
    before: [addLatency],
    call: ['POST', '/proxies/p/toxics/l', { attributes: { jitter: 2 } }],
    status: 200,
    body: { ...latency, attributes: { latency: 5, jitter: 2 } },
  },
  {
    name: 'an update of the toxicity alone keeps the attributes',
    before: [addLatency],
    call: ['PATCH', '/proxies/p/toxics/l', { toxicity: 0.5 }],
    status: 200,
    body: { ...latency, toxicity: 0.5 },
  },
  {
    name: 'an update changes neither name nor type nor stream',
    before: [addLatency],
    call: ['POST', '/proxies/p/toxics/l', { name: 'n', type: 'timeout', stream: 'upstream' }],
    status: 200,
    body: latency,
  },
  {
    name: 'an update with a wrong attribute changes nothing',
    before: [addLatency, ['POST', '/proxies/p/toxics/l', { toxicity: 0.5, attributes: { latency: true } }]],
    call: ['GET', '/proxies/p/toxics/l'],
    status: 200,
    body: latency,
  },
  {
    name: 'an update with a wrong attribute behind a right one',
    before: [addLatency, ['POST', '/proxies/p/toxics/l', '{"attributes":{"latency":9,"jitter":"x"}}']],
    call: ['GET', '/proxies/p/toxics/l'],
    status: 200,
    body: { ...latency, attributes: { latency: 9, jitter: 0 } },
    embedded: { difference: 'half an update', status: 200, body: latency },
  },
  {
    name: 'an update of an unknown toxic, said before its body is read',
    call: ['POST', '/proxies/p/toxics/x', '{'],
    status: 404,
    body: error(404, 'toxic not found'),
  },
  {
    name: 'a removed toxic',
    before: [addLatency],
    call: ['DELETE', '/proxies/p/toxics/l'],
    status: 204,
    text: '',
  },
  {
    name: 'a removed toxic is gone',
    before: [addLatency, ['DELETE', '/proxies/p/toxics/l']],
    call: ['GET', '/proxies/p/toxics'],
    status: 200,
    body: [],
  },
  {
    name: 'removing an unknown toxic',
    call: ['DELETE', '/proxies/p/toxics/x'],
    status: 404,
    body: error(404, 'toxic not found'),
  },
  {
    name: 'names are percent-decoded',
    before: [['POST', '/proxies/p/toxics', { name: 'a b', type: 'latency' }]],
    call: ['GET', '/proxies/p/toxics/a%20b'],
    status: 200,
  },
  {
    name: 'a name with a slash',
    before: [['POST', '/proxies/p/toxics', { name: 'a/b', type: 'latency' }]],
    call: ['GET', '/proxies/p/toxics/a%2Fb'],
    status: 404,
    embedded: { difference: 'names with a slash', status: 200 },
  },

  {
    name: 'reset enables everything and removes every toxic',
    before: [addLatency, ['POST', '/proxies/p', { enabled: false }], ['POST', '/reset']],
    call: ['GET', '/proxies/p'],
    status: 200,
    body: { ...shownP, enabled: true, toxics: [] },
  },
  { name: 'reset answers nothing', call: ['POST', '/reset'], status: 204, text: '' },
  {
    name: 'populate creates, and keeps what is the same with its toxics',
    before: [
      ['POST', '/proxies', { ...P, name: 'q', listen: '127.0.0.1:0', enabled: false }],
      ['POST', '/proxies/q/toxics', { name: 'l', type: 'latency', attributes: { latency: 5 } }],
    ],
    call: [
      'POST',
      '/populate',
      [
        { ...P, name: 'q', enabled: true },
        { ...P, name: 'r' },
      ],
    ],
    status: 201,
    type: JSON_TYPE,
    body: {
      proxies: [
        { name: 'q', listen: '127.0.0.1:0', upstream: '127.0.0.1:9', enabled: false, toxics: [latency] },
        { ...shownP, name: 'r', enabled: true, toxics: [] },
      ],
    },
  },
  {
    name: 'populate replaces what has another upstream',
    before: [addLatency],
    call: ['POST', '/populate', [{ ...P, upstream: '127.0.0.1:10' }]],
    status: 201,
    body: { proxies: [{ ...shownP, upstream: '127.0.0.1:10', enabled: true, toxics: [] }] },
  },
  { name: 'populate with nothing', call: ['POST', '/populate', []], status: 201, text: '{"proxies":null}' },
  {
    name: 'populate makes nothing when a name is missing',
    call: ['POST', '/populate', [{ ...P, name: 'q' }, { upstream: 'a:1' }]],
    status: 400,
    type: JSON_TYPE,
    body: { ...error(400, 'missing required field: name at proxy 2'), proxies: null },
  },
  { name: 'populate with null', call: ['POST', '/populate', 'null'], status: 201, text: '{"proxies":null}' },
  {
    name: 'populate with an empty body',
    call: ['POST', '/populate', ''],
    status: 400,
    type: JSON_TYPE,
    body: { ...error(400, 'bad request body: EOF'), proxies: null },
  },
  {
    name: 'populate without an upstream',
    call: ['POST', '/populate', [{ ...P, name: 'q' }, { name: 'r' }]],
    status: 400,
    body: { ...error(400, 'missing required field: upstream at proxy 2'), proxies: null },
  },
  ...Object.entries({
    name: [5, 'number into Go struct field .Proxy.name of type string'],
    listen: [true, 'bool into Go struct field .Proxy.listen of type string'],
    enabled: ['x', 'string into Go struct field .enabled of type bool'],
  } as const).map(([member, [value, reason]]): Row => ({
    name: `populate with a wrong ${member}`,
    call: ['POST', '/populate', [{ ...P, [member]: value }]],
    status: 400,
    body: { ...error(400, `bad request body: json: cannot unmarshal ${reason}`), proxies: null },
  })),
  {
    name: 'populate with one name twice replaces the first',
    call: [
      'POST',
      '/populate',
      [
        { ...P, name: 'q' },
        { ...P, name: 'q', upstream: '127.0.0.1:10' },
      ],
    ],
    status: 201,
    body: {
      proxies: [
        { ...shownP, name: 'q', enabled: false, toxics: [] },
        { ...shownP, name: 'q', upstream: '127.0.0.1:10', enabled: true, toxics: [] },
      ],
    },
  },
  {
    name: 'populate leaves others alone',
    before: [addLatency, ['POST', '/populate', [{ ...P, name: 'q' }]]],
    call: ['GET', '/proxies/p'],
    status: 200,
    body: { ...shownP, enabled: true, toxics: [latency] },
  },
  {
    name: 'populate with no list',
    call: ['POST', '/populate', {}],
    status: 400,
    type: JSON_TYPE,
    body: {
      error: expect.stringMatching(/^bad request body: json: cannot unmarshal object/),
      status: 400,
      proxies: null,
    },
  },
  {
    name: 'populate that fails tells what it made',
    call: [
      'POST',
      '/populate',
      [
        { ...P, name: 'q' },
        { ...P, name: 'r', listen: 'foo' },
      ],
    ],
    status: 500,
    type: JSON_TYPE,
    body: {
      error: expect.stringContaining('missing port in address'),
      status: 500,
      proxies: [{ ...shownP, name: 'q', enabled: true, toxics: [] }],
    },
  },

  {
    name: 'the version',
    call: ['GET', '/version'],
    status: 200,
    type: 'application/json;charset=utf-8',
    body: { version: expect.any(String) },
  },
  {
    name: 'an unknown route',
    call: ['GET', '/nope'],
    status: 404,
    type: PLAIN,
    text: '404 page not found\n',
  },
  {
    name: 'a route with a slash too many',
    call: ['GET', '/proxies/'],
    status: 404,
    text: '404 page not found\n',
  },
  {
    name: 'a query is ignored',
    call: ['GET', '/proxies/p?colour=red'],
    status: 200,
    body: { ...shownP, enabled: true, toxics: [] },
  },
  {
    name: 'two slashes',
    call: ['GET', '//proxies/p'],
    status: 200,
    embedded: { difference: 'double slashes', status: 404 },
  },
  {
    name: 'a broken escape',
    call: ['GET', '/proxies/%zz'],
    status: 400,
    text: '400 Bad Request',
    embedded: { difference: 'bad escapes', status: 400, body: error(400, 'invalid URL escape in "%zz"') },
  },
  ...(
    [
      ['HEAD', '/proxies'],
      ['OPTIONS', '/proxies'],
      ['DELETE', '/proxies'],
      ['PUT', '/proxies/p'],
      ['PUT', '/proxies/p/toxics'],
      ['DELETE', '/proxies/p/toxics'],
      ['PUT', '/proxies/p/toxics/l'],
      ['GET', '/populate'],
      ['GET', '/reset'],
      ['POST', '/version'],
    ] as const
  ).map(([method, path]): Row => ({
    name: `${method} ${path}`,
    call: [method, path],
    status: 405,
    text: '',
  })),
  {
    name: 'a browser is told of an unknown route',
    call: ['GET', '/nope', undefined, { 'User-Agent': 'Mozilla/5.0' }],
    status: 404,
    text: '404 page not found\n',
  },
  {
    name: 'a browser is told of another method',
    call: ['PUT', '/proxies', undefined, { 'User-Agent': 'Mozilla/5.0' }],
    status: 405,
    text: '',
  },
  {
    name: 'a browser changes nothing',
    before: [['DELETE', '/proxies/p', undefined, { 'User-Agent': 'Mozilla/5.0' }]],
    call: ['GET', '/proxies/p'],
    status: 200,
  },
  { name: 'a name that is not ASCII', call: ['POST', '/proxies', { ...P, name: 'ü' }], status: 201 },
  {
    name: 'a name that is not ASCII is found',
    before: [['POST', '/proxies', { ...P, name: 'ü' }]],
    call: ['GET', '/proxies/%C3%BC'],
    status: 200,
    body: { ...shownP, name: 'ü', enabled: true, toxics: [] },
  },
  { name: 'another method', call: ['PUT', '/proxies'], status: 405, text: '' },
  { name: 'another method on a route without others', call: ['DELETE', '/version'], status: 405, text: '' },
  {
    name: 'a browser is kept out',
    call: ['GET', '/version', undefined, { 'User-Agent': 'Mozilla/5.0' }],
    status: 403,
    type: PLAIN,
    text: 'User agent not allowed\n',
  },
  {
    name: 'metrics count bytes by proxy and direction',
    call: ['GET', '/metrics'],
    status: 200,
    type: expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  },
  {
    name: 'metrics do not look at the method',
    call: ['POST', '/metrics'],
    status: 200,
    type: expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  },
];

describe.each(SUBJECTS)('the API of $title', (kind) => {
  let subject: Subject;

  beforeAll(async () => {
    if (!kind.isMissing) subject = await kind.start();
  });
  afterAll(async () => {
    if (!kind.isMissing) await subject.close();
  });

  for (const row of ROWS) {
    test.skipIf(kind.isMissing)(row.name, async () => {
      await clear(subject);
      await callApi(subject, 'POST', '/proxies', P);
      for (const call of row.before ?? []) await callApi(subject, ...call);
      const answer = await callApi(subject, ...row.call);
      judge(answer, kind.name === 'embedded' && row.embedded !== undefined ? row.embedded : row);
    });
  }

  test.skipIf(kind.isMissing)('an answer of a route has an id, and no two have the same', async () => {
    const idOf = async (method: string, path: string): Promise<string | null> =>
      (await fetch(subject.url + path, { method })).headers.get('x-toxiproxy-request-id');
    const ids = [
      await idOf('GET', '/version'),
      await idOf('GET', '/proxies/x'),
      await idOf('GET', '/metrics'),
    ];
    for (const id of ids) expect(id).toMatch(/^[0-9a-v]{20}$/);
    expect(ids.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual(ids);
    expect(new Set(ids).size).toBe(3);
    expect(await idOf('GET', '/nope')).toBeNull();
    expect(await idOf('PUT', '/version')).toBeNull();
  });

  test.skipIf(kind.isMissing)('metrics of the program itself [other metrics]', async () => {
    const { text } = await callApi(subject, 'GET', '/metrics');
    expect(/^(promhttp|go|process)_/m.test(text)).toBe(kind.name === 'toxiproxy');
  });

  test.skipIf(kind.isMissing)('an address in use is a 500 that names it', async () => {
    await clear(subject);
    const made = await callApi(subject, 'POST', '/proxies', P);
    const { listen } = made.json as { listen: string };
    const answer = await callApi(subject, 'POST', '/proxies', { ...P, name: 'q', listen });
    expect(answer.status).toBe(500);
    expect(answer.json).toEqual(error(500, `listen tcp ${listen}: bind: address already in use`));
  });

  test.skipIf(kind.isMissing)('a proxy that comes up again has the port that it had', async () => {
    await clear(subject);
    const made = await callApi(subject, 'POST', '/proxies', P);
    await callApi(subject, 'POST', '/proxies/p', { enabled: false });
    const again = await callApi(subject, 'POST', '/proxies/p', { enabled: true });
    expect(again.json).toEqual(made.json);
  });

  test.skipIf(kind.isMissing)(
    'populating 0.0.0.0 again keeps the toxics only where the address reads back [listen address]',
    async () => {
      await clear(subject);
      const made = await callApi(subject, 'POST', '/populate', [{ ...P, name: 'w', listen: '0.0.0.0:0' }]);
      const [{ listen }] = (made.json as { proxies: [{ listen: string }] }).proxies;
      expect(listen).toMatch(kind.name === 'embedded' ? /^0\.0\.0\.0:\d+$/ : /^\[::\]:\d+$/);
      await callApi(subject, 'POST', '/proxies/w/toxics', { type: 'latency' });
      const again = await callApi(subject, 'POST', '/populate', [
        { ...P, name: 'w', listen: listen.replace('[::]', '0.0.0.0') },
      ]);
      const [{ toxics }] = (again.json as { proxies: [{ toxics: unknown[] }] }).proxies;
      expect(toxics).toHaveLength(kind.name === 'embedded' ? 1 : 0);
    },
  );
});

async function clear(subject: Subject): Promise<void> {
  const { json } = await callApi(subject, 'GET', '/proxies');
  for (const name of Object.keys(json as object))
    await callApi(subject, 'DELETE', `/proxies/${encodeURIComponent(name)}`);
}

function judge(answer: ApiAnswer, expected: Pick<Row, 'status' | 'body' | 'text' | 'type'>): void {
  expect(answer).toMatchObject({ status: expected.status });
  if (expected.body !== undefined) expect(answer.json).toEqual(expected.body);
  if (expected.text !== undefined) expect(answer.text).toEqual(expected.text);
  if (expected.type !== undefined) expect(answer.type).toEqual(expected.type);
}
