/** The HTTP toxics: what they are called, what they take, and whom they hit. Decisions are pure. */
import { below, uniform } from '../../model/decide.ts';
import { goKind, isRecord } from '../attributes.ts';
import { withPlainNumbers } from '../go-json.ts';
import { REFUSALS } from '../refusal.ts';
import type { RequestInfo } from '../types.ts';

type Check = (value: unknown) => string | undefined;

const number =
  (minimum = 0): Check =>
  (value) =>
    typeof value === 'number' && value >= minimum ? undefined : `a number of at least ${minimum}`;
const between =
  (minimum: number, maximum: number): Check =>
  (value) =>
    typeof value === 'number' && value >= minimum && value <= maximum
      ? undefined
      : `a number between ${minimum} and ${maximum}`;
const share: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number between 0 and 1';
const text: Check = (value) => (typeof value === 'string' ? undefined : 'a string');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const attempts: Check = (value) =>
  Array.isArray(value) && value.every((each) => Number.isInteger(each) && Number(each) >= 1)
    ? undefined
    : 'a list of attempt numbers from 1';
const texts: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'a list of strings';
const whole =
  (minimum: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= minimum ? undefined : `a whole number of at least ${minimum}`;
const valuesByName: Check = (value) =>
  isRecord(value) && Object.values(value).every((each) => typeof each === 'string')
    ? undefined
    : 'an object of strings by header';
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? undefined : `one of ${words.join(', ')}`;
const status: Check = (value) =>
  Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599
    ? undefined
    : 'a status from 200 to 599';

const statuses: Check = (value) =>
  Array.isArray(value) && value.every((each) => status(each) === undefined)
    ? undefined
    : 'a list of statuses from 200 to 599';
/** What the balancers are called: see balancer.ts. */
export const BALANCER_PROFILES = [
  'nginx-non-idempotent',
  'haproxy-retry-on',
  'envoy-hedge',
  'go-transport',
] as const;
/** An hour: older than that no run gets. */
const MAX_DELAY_MS = 3_600_000;

/** Who is hit; common to all HTTP toxics. Absent members do not narrow. */
const SELECTION: Readonly<Record<string, Check>> = {
  /** Name for the hash; two toxics with one rule hit the same attempts. Default: the toxic's name. */
  rule: text,
  share,
  attempts,
  /** At most so many hits. Which ones, depends on the order in which requests come. */
  first: number(),
  /** Exactly one iteration of each so many: which one of a block is a hash, whatever the order. See `isDue`. */
  one_in: whole(1),
  /** These alone: `<intent>.<n>`, or `<intent>.<n>@<proxy>` for those that come in at one proxy of several. */
  chosen: texts,
  /** Prefix of the path. */
  path: text,
  method: text,
  has_header: text,
  /** Values by header, each whole or, with a `*` at its end, how it begins; all of them must be there. */
  header_is: valuesByName,
  /** The key, whole or, with a `*` at its end, how it begins. */
  key: text,
};

const TYPES: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  http_lose_request: { how: oneOf('reset', 'hang'), hang_ms: number() },
  http_lose_answer: { how: oneOf('reset', 'hang', 'cut'), after_bytes: number(), hang_ms: number() },
  http_delay_answer: { delay_ms: number(), jitter_ms: number() },
  http_delay_request: { delay_ms: number(), jitter_ms: number() },
  http_answer: { status, after: flag, body: text },
  http_duplicate: {
    count: number(1),
    delay_ms: number(),
    upstream: oneOf('same', 'other', 'any'),
    wait: oneOf('first', 'both'),
    after_client_gone: flag,
    after_answer: flag,
  },
  http_arm: { point: text, action: text, times: number(1), pause_ms: number() },
  http_replay: { delay_ms: between(0, MAX_DELAY_MS), upstream: oneOf('same', 'other', 'any') },
  http_balancer: {
    profile: oneOf(...BALANCER_PROFILES),
    timeout_ms: number(),
    statuses,
    retries: between(0, 100),
    redispatch: oneOf('none', 'last', 'each'),
  },
  http_header: { op: oneOf('drop', 'duplicate', 'requote', 'fold'), header: text },
};

/** The types that only `http` proxies take. */
export const HTTP_TOXIC_TYPES: readonly string[] = Object.keys(TYPES);

/** What each type takes, the selection that is common to all included. */
export const HTTP_TOXIC_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  HTTP_TOXIC_TYPES.map((type) => [type, Object.keys({ ...SELECTION, ...TYPES[type] })]),
);

export interface HttpToxic {
  readonly name: string;
  readonly type: string;
  readonly stream: string;
  toxicity: number;
  attributes: Readonly<Record<string, unknown>>;
  /** It was removed: requests that it had chosen are spared what it has not done to them yet. */
  isOver?: boolean;
}

/** Merges given attributes over `base`. Unlike Toxiproxy's, unknown members are refused: a mistyped one would hit everybody. */
export function mergeHttpAttributes(
  type: string,
  base: Readonly<Record<string, unknown>>,
  given: unknown,
): Readonly<Record<string, unknown>> {
  if (given === undefined || given === null) return base;
  if (!isRecord(given)) throw REFUSALS.badBody(`attributes must be an object, found ${goKind(given)}`);
  const checks = { ...SELECTION, ...TYPES[type] };
  const plain = withPlainNumbers(given) as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(plain)) {
    const check = checks[name];
    if (check === undefined) {
      throw REFUSALS.badBody(
        `attribute ${name} is unknown to ${type}; known: ${Object.keys(checks).join(', ')}`,
      );
    }
    const expected = check(value);
    if (expected !== undefined) {
      throw REFUSALS.badBody(
        `attribute ${name} of ${type} must be ${expected}, found ${JSON.stringify(value)}`,
      );
    }
  }
  return { ...base, ...plain };
}

/**
 * The toxics that hit a request, in their order. Pure: a plan can be computed with it before anything runs.
 * `hitsBefore` says how often a toxic has hit already, for `first`; without it nothing has hit yet.
 */
export function decideHttpToxics<T extends HttpToxic>(
  seed: string | number,
  toxics: readonly T[],
  request: RequestInfo,
  hitsBefore: (toxic: T) => number = () => 0,
): T[] {
  const hits = toxics.filter((toxic) => {
    const { attributes, toxicity } = toxic;
    const limit = attributes['first'];
    if (typeof limit === 'number' && hitsBefore(toxic) >= limit) return false;
    return (
      isSelected(attributes, request) &&
      isDue(seed, toxic, request) &&
      draw(seed, toxic, request) < shareOf(attributes) * toxicity
    );
  });
  return hits.some(({ type }) => type === 'http_arm') ? hits.filter((toxic) => !endsHere(toxic)) : hits;
}

/** A request that ends in the hop never reaches the point that was armed for it: what is to crash, is let through. */
function endsHere({ type, attributes }: HttpToxic): boolean {
  return type === 'http_lose_request' || (type === 'http_answer' && attributes['after'] !== true);
}

/** A draw in [0, 1) for a toxic and a request: by attempt where it is known, else by the request's number. */
export function draw(
  seed: string | number,
  toxic: HttpToxic,
  request: RequestInfo,
  ...what: string[]
): number {
  const rule = textOf(toxic.attributes, 'rule', toxic.name);
  const { intent, attempt } = request;
  if (intent === undefined || attempt === undefined) {
    return uniform(seed, rule, ...what, 'request', request.number);
  }
  return uniform(seed, rule, ...what, intent, attempt);
}

export function numberOf(attributes: Readonly<Record<string, unknown>>, name: string, otherwise = 0): number {
  const value = attributes[name];
  return typeof value === 'number' ? value : otherwise;
}

export function textOf(
  attributes: Readonly<Record<string, unknown>>,
  name: string,
  otherwise: string,
): string {
  const value = attributes[name];
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

function shareOf(attributes: Readonly<Record<string, unknown>>): number {
  return numberOf(attributes, 'share', 1);
}

/**
 * `one_in`: intents are named `<prefix>-<iteration>-<n>`; the iterations fall into blocks of so many, and the first
 * intent of one iteration of each block is hit. Intents with other names are hit as often, by share.
 */
function isDue(seed: string | number, toxic: HttpToxic, request: RequestInfo): boolean {
  const { attributes, name } = toxic;
  const size = numberOf(attributes, 'one_in', 1);
  if (size <= 1) return true;
  const place = /-(\d{1,9})-(\d{1,9})$/.exec(request.intent ?? '');
  if (place === null) return draw(seed, toxic, request, 'one-in') < 1 / size;
  const iteration = Number(place[1]);
  const block = Math.floor(iteration / size);
  const due = below(size, seed, textOf(attributes, 'rule', name), 'block', block);
  return place[2] === '1' && iteration % size === due;
}

function isSelected(attributes: Readonly<Record<string, unknown>>, request: RequestInfo): boolean {
  const { attempts, path, method, has_header: header, chosen } = attributes;
  if (Array.isArray(chosen) && !isChosen(chosen, request)) return false;
  if (Array.isArray(attempts) && !attempts.includes(request.attempt)) return false;
  if (typeof path === 'string' && !request.path.startsWith(path)) return false;
  if (typeof method === 'string' && method.toUpperCase() !== request.method) return false;
  if (typeof header === 'string' && !request.headerNames.includes(header.toLowerCase())) return false;
  const { header_is: values, key } = attributes;
  if (typeof key === 'string' && !fits(key, request.key)) return false;
  return !isRecord(values) || Object.entries(values).every(([name, value]) => hasValue(request, name, value));
}

function hasValue({ headers = [] }: RequestInfo, name: string, value: unknown): boolean {
  const wanted = name.toLowerCase();
  return headers.some((header) => header.name === wanted && fits(String(value), header.value));
}

/** `pattern` whole or, with a `*` at its end, as the beginning. */
function fits(pattern: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  return pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}

function isChosen(chosen: readonly unknown[], { intent, attempt, proxy }: RequestInfo): boolean {
  if (intent === undefined || attempt === undefined) return false;
  const name = `${intent}.${attempt}`;
  return chosen.includes(name) || chosen.includes(`${name}@${proxy}`);
}
