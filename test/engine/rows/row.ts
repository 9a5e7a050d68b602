/** Rows of the parity table that are a few lines of script each: what k6 printed is recorded, not written by hand. */

/** One behaviour. The body runs in `export default async function`, after `HEAD`. */
export interface Row {
  /** Behaviour, as a sentence. */
  readonly title: string;
  readonly body: string;
  /** Source of the script's options. */
  readonly options?: string;
  /** Code before the body, in the same function. */
  readonly before?: string;
  /** Code of the init context, e.g. metrics, setup. */
  readonly init?: string;
  /** Its requests are verbs that block. */
  readonly blocks?: true;
  /** It asks `__ENV.TLS_URL`, a server that also speaks HTTP/2, and may show `TLS_CERT` and `TLS_KEY`. It is a script of its own. */
  readonly isSecure?: true;
}

/** What a row did, in either engine, without ports and in the order of names. */
export interface RowOutcome {
  readonly exitCode: number;
  readonly iterations: number;
  /** By probe: every value that was printed under the name. */
  readonly probes: Readonly<Record<string, readonly string[]>>;
  /** `metric expression` of crossed thresholds. */
  readonly crossed: readonly string[];
}

/** What every row may use: `get` and `post` ask the test server at `B`, whose host and port are `A`. */
const HEAD = `import http from 'k6/http';
import { check, fail, group, randomSeed, sleep } from 'k6';
import crypto from 'k6/crypto';
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import { parseHTML } from 'k6/html';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const B = __ENV.BASE_URL;
const A = B.slice(7);
const get = (path, params) => http.asyncRequest('GET', B + path, null, params);
const post = (path, body, params) => http.asyncRequest('POST', B + path, body, params);
const bytes = (b) => [...new Uint8Array(b)].join();
`;

/** The same with verbs that block. */
const head = (blocks: boolean): string => (blocks ? blocking(HEAD) : HEAD);
const blocking = (source: string): string => source.replaceAll('http.asyncRequest(', 'http.request(');

/** The row with verbs that block. */
export function blockingTwin(row: Row): Row {
  const { body, before = '', init } = row;
  return {
    ...row,
    title: `${row.title}; the same where the verb blocks`,
    body: blocking(body),
    before: blocking(before),
    ...(init === undefined ? {} : { init: blocking(init) }),
    blocks: true,
  };
}

/** `p(name, f)` prints what `f` gives under a name, or that it threw; `q` awaits it. */
const probes = (row: number): string => `
const out = (probe, v) => console.log(JSON.stringify({ row: ${row}, probe, v: v === undefined ? 'undefined' : v }));
const p = (name, f) => { let v; try { v = f(); } catch (e) { v = 'threw'; } out(name, v); };
const q = async (name, f) => { let v; try { v = await f(); } catch (e) { v = 'threw'; } out(name, v); };
`;

/** Rows with options of their own, or code that runs before all else, are scripts of their own. */
export function isAlone({ options, init }: Row): boolean {
  return options !== undefined || init !== undefined;
}

/** One script for several rows: each is a scenario with a VU, and with it cookies and tags, of its own. */
export function sourceOf(rows: readonly Row[]): string {
  const [first] = rows;
  if (rows.length === 1 && first !== undefined && isAlone(first)) {
    const declared = first.options === undefined ? '' : `export const options = ${first.options};\n`;
    return `${head(first.blocks === true)}${declared}${first.init ?? ''}\nexport default async function (data) {${probes(0)}${first.before ?? ''}\n${first.body}\n}\n`;
  }
  const scenarios = rows.map((_, index) => `r${index}: { executor: 'per-vu-iterations', exec: 'r${index}' }`);
  const bodies = rows.map(
    ({ body, before = '' }, index) =>
      `export async function r${index}() {${probes(index)}${before}\n${body}\n}\n`,
  );
  return `${head(first?.blocks === true)}export const options = { scenarios: { ${scenarios.join(', ')} } };\n${bodies.join('')}`;
}

/** Members of printed objects in order, since Go's maps have none, and ports by their place. */
export function printed(value: unknown): string {
  return JSON.stringify(ordered(value)).replaceAll(/(127\.0\.0\.1|localhost)(:|%3A)\d{4,5}/gi, '$1$2PORT');
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, ordered(one)]),
  );
}
