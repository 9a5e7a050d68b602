/** Every option that k6 2.2 reads from a script, what it must be, and whether this engine honours it. */
import { parseDurationMs } from './duration.ts';

type Kind =
  'boolean' | 'integer' | 'text' | 'duration' | 'texts' | 'map of texts' | 'object' | 'list' | 'anything';

interface OptionType {
  readonly kind: Kind;
  /** Refused by its name when it is given; absent: honoured. */
  readonly isRefused?: true;
  /** Has no effect in k6 on what a run on one machine does. */
  readonly isIdle?: true;
}

const refused = (kind: Kind): OptionType => ({ kind, isRefused: true });
const idle = (kind: Kind): OptionType => ({ kind, isIdle: true });

export const OPTION_TYPES: Readonly<Record<string, OptionType>> = {
  batch: { kind: 'integer' },
  batchPerHost: { kind: 'integer' },
  blacklistIPs: { kind: 'texts' },
  blockHostnames: { kind: 'texts' },
  cloud: idle('anything'),
  discardResponseBodies: { kind: 'boolean' },
  dns: refused('object'),
  duration: { kind: 'duration' },
  executionSegment: { kind: 'text' },
  executionSegmentSequence: { kind: 'text' },
  ext: idle('object'),
  features: refused('texts'),
  handleSummaryTimeout: refused('duration'),
  hosts: { kind: 'map of texts' },
  httpDebug: refused('text'),
  insecureSkipTLSVerify: { kind: 'boolean' },
  iterations: { kind: 'integer' },
  maxRedirects: { kind: 'integer' },
  metricSamplesBufferSize: idle('integer'),
  minIterationDuration: { kind: 'duration' },
  noConnectionReuse: { kind: 'boolean' },
  noCookiesReset: { kind: 'boolean' },
  noSetup: { kind: 'boolean' },
  noTeardown: { kind: 'boolean' },
  noVUConnectionReuse: { kind: 'boolean' },
  paused: refused('boolean'),
  rps: { kind: 'integer' },
  scenarios: { kind: 'object' },
  setupTimeout: { kind: 'duration' },
  stages: { kind: 'list' },
  summaryTimeUnit: { kind: 'text' },
  summaryTrendStats: { kind: 'texts' },
  systemTags: { kind: 'texts' },
  tags: { kind: 'map of texts' },
  teardownTimeout: { kind: 'duration' },
  thresholds: { kind: 'object' },
  throw: { kind: 'boolean' },
  tlsAuth: { kind: 'list' },
  tlsCipherSuites: { kind: 'texts' },
  tlsVersion: { kind: 'anything' },
  userAgent: { kind: 'text' },
  vus: { kind: 'integer' },
};

/** The option that a name stands for: k6 takes it in any letters, large and small. Undefined: k6 knows none. */
export function optionNamed(name: string): string | undefined {
  return BY_LOWER.get(name.toLowerCase());
}

const BY_LOWER = new Map(Object.keys(OPTION_TYPES).map((name) => [name.toLowerCase(), name]));

/** What a value must be to be that option; undefined: it is. Null is no value, and always right. */
export function typeProblem(name: string, value: unknown): string | undefined {
  const kind = OPTION_TYPES[name]?.kind ?? 'anything';
  if (value === null || value === undefined || FITS[kind](value)) return undefined;
  return WORDS[kind];
}

const FITS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  integer: (value) =>
    Number.isSafeInteger(value) || (typeof value === 'string' && /^(?:[+-]?\d+)?$/.test(value)),
  text: (value) => typeof value === 'string',
  duration: (value) => parseDurationMs(value) !== undefined,
  texts: (value) => Array.isArray(value) && value.every(isText),
  'map of texts': (value) => isObject(value) && Object.values(value).every(isText),
  object: isObject,
  list: (value) => Array.isArray(value),
  anything: () => true,
};

const WORDS: Readonly<Record<Kind, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  text: 'a text',
  duration: 'a duration such as 30s',
  texts: 'a list of texts',
  'map of texts': 'an object whose members are texts',
  object: 'an object',
  list: 'a list',
  anything: 'anything',
};

/** Null stands for an empty text, as in Go. */
function isText(value: unknown): boolean {
  return typeof value === 'string' || value === null || value === undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
