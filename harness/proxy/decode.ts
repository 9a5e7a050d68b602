/** Bodies of the API, read as Go's decoder reads them: any letter case, unknown members ignored, null leaves the default. */
import { goKind, isRecord } from './attributes.ts';
import { GoSyntaxError, parseGoJson, withPlainNumbers } from './go-json.ts';
import { REFUSALS } from './refusal.ts';
import type { ProxySpec, ProxyUpdate, ToxicSpec, ToxicUpdate } from './types.ts';

type Members = Record<string, unknown>;
type Kind = 'string' | 'boolean' | 'number' | 'object' | 'strings';

const GO_TYPES: Readonly<Record<Kind, string>> = {
  string: 'string',
  boolean: 'bool',
  number: 'float32',
  object: 'toxics.NoopToxic',
  strings: '[]string',
};

const PROXY_MEMBERS: Readonly<Record<string, Kind>> = {
  name: 'string',
  listen: 'string',
  upstream: 'string',
  enabled: 'boolean',
  mode: 'string',
  upstreams: 'strings',
  keyHeader: 'string',
  keyPointer: 'string',
  redemptionPointer: 'string',
  clientGone: 'string',
  answerTimeoutMs: 'number',
  hostHeader: 'string',
  tls: 'boolean',
};

const TOXIC_MEMBERS: Readonly<Record<string, Kind>> = {
  name: 'string',
  type: 'string',
  stream: 'string',
  toxicity: 'number',
  attributes: 'object',
};

/** Where Go's error texts say that a value was to go. */
interface GoTarget {
  readonly value: string;
  readonly struct: string;
  /** Members that Go finds in the struct itself, where the others belong to one inside it. */
  readonly own?: readonly string[];
}

const PROXY: GoTarget = { value: 'toxiproxy.Proxy', struct: 'Proxy' };
const POPULATED: GoTarget = {
  value: 'struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }',
  struct: '.Proxy',
  own: ['enabled'],
};
const TOXIC: GoTarget = { value: 'toxics.ToxicWrapper', struct: 'ToxicWrapper' };
const TOXIC_CHANGE: GoTarget = {
  value: 'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }',
  struct: '',
};

/** A proxy to create; a missing name or upstream comes out as ''. */
export function decodeProxy(text: string): ProxySpec {
  return proxyOf(parse(text), PROXY);
}

export function decodeProxies(text: string): ProxySpec[] {
  const value = parse(text);
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrongType(value, `Go value of type []${POPULATED.value}`);
  return value.map((each) => proxyOf(each, POPULATED));
}

/** Name, mode and extension members cannot be changed, and are ignored as Toxiproxy ignores a new name. */
export function decodeProxyUpdate(text: string): ProxyUpdate {
  const { listen, upstream, enabled, upstreams } = members(parse(text), PROXY, PROXY_MEMBERS) as ProxyUpdate;
  return {
    ...(listen === undefined ? {} : { listen }),
    ...(upstream === undefined ? {} : { upstream }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(upstreams === undefined ? {} : { upstreams }),
  };
}

/** A toxic to add; a missing type comes out as ''. */
export function decodeToxic(text: string): ToxicSpec {
  return { type: '', ...members(parse(text), TOXIC, TOXIC_MEMBERS) };
}

/** What is wrong with the attributes is refused where the toxic's type is known. */
export function decodeToxicUpdate(text: string): ToxicUpdate {
  const value = parse(text);
  const { toxicity } = members(value, TOXIC_CHANGE, { toxicity: 'number' }) as ToxicUpdate;
  const attributes = isRecord(value) ? memberOf(value, 'attributes') : undefined;
  return {
    ...(toxicity === undefined ? {} : { toxicity }),
    ...(attributes === undefined ? {} : { attributes: attributes as Record<string, unknown> }),
  };
}

function proxyOf(value: unknown, target: GoTarget): ProxySpec {
  const spec = members(value, target, PROXY_MEMBERS);
  const { mode, clientGone } = spec;
  if (mode !== undefined && mode !== 'tcp' && mode !== 'http') {
    throw REFUSALS.badBody(`mode must be tcp or http, found ${JSON.stringify(mode)}`);
  }
  if (clientGone !== undefined && clientGone !== 'finish' && clientGone !== 'abort') {
    throw REFUSALS.badBody(`clientGone must be finish or abort, found ${JSON.stringify(clientGone)}`);
  }
  return { name: '', ...spec };
}

function members(value: unknown, target: GoTarget, kinds: Readonly<Record<string, Kind>>): Members {
  // Go leaves the target as it is for a null.
  if (value === null) return {};
  if (!isRecord(value)) throw wrongType(value, `Go value of type ${target.value}`);
  const found: Members = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const member = memberOf(value, name);
    if (member === undefined || member === null) continue;
    if (!isKind(member, kind)) {
      const struct = target.own?.includes(name) === true ? '' : target.struct;
      throw wrongType(member, `Go struct field ${struct}.${name} of type ${GO_TYPES[kind]}`);
    }
    // Attributes are read exactly, where their toxic's type is known.
    found[name] = kind === 'object' ? member : withPlainNumbers(member);
  }
  return found;
}

function memberOf(value: Members, name: string): unknown {
  if (Object.hasOwn(value, name)) return value[name];
  const found = Object.keys(value).find((each) => each.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : value[found];
}

function isKind(value: unknown, kind: Kind): boolean {
  if (kind === 'strings') return Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (kind === 'object') return isRecord(value);
  return typeof value === kind || (kind === 'number' && typeof value === 'bigint');
}

function wrongType(value: unknown, target: string): Error {
  return REFUSALS.badBody(`json: cannot unmarshal ${goKind(value)} into ${target}`);
}

function parse(text: string): unknown {
  try {
    return parseGoJson(text);
  } catch (error) {
    if (error instanceof GoSyntaxError) throw REFUSALS.badBody(error.message);
    throw error;
  }
}
