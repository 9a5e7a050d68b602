import { SMALLEST } from '../config/configs.ts';
import { row } from './row.ts';
import { jsonShape, masked } from './shape.ts';

/** Text of a file, by its ending: `.json` where it starts with `{`, else a module. */
const withMembers = (members: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ ...SMALLEST, ...members });
const redeem = (members: object): string => withMembers({ redeem: { ...SMALLEST.redeem, ...members } });
const module = (text: string): string => `// a module\n${text}`;
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

export const CONFIGS = [
  row('no JSON', '{"baseUrl":', 4, /is no JSON/),
  row('JSON of another kind', '{}', 4, /baseUrl|redeem/),
  row('JSON nested without end', `{"baseUrl":${deep(100_000)}}`, 4, /baseUrl|no JSON|stack/i),
  row('an unknown member', withMembers({ bodies: 1 }), 4, /bodies: unknown member/),
  row(
    'a prototype for a member',
    '{"__proto__":{"x":1},"baseUrl":"http://a"}',
    4,
    /__proto__|redeem|missing/,
  ),
  row('another scheme', withMembers({ baseUrl: 'ftp://127.0.0.1' }), 4, /baseUrl/),
  row(
    'a base URL with a password',
    withMembers({ baseUrl: 'http://u:p@127.0.0.1' }),
    4,
    /baseUrl.*without a user/,
  ),
  row(
    'a base URL with a query',
    withMembers({ baseUrl: 'http://127.0.0.1/?a=1' }),
    4,
    /baseUrl.*without query/,
  ),
  row(
    'a host that is not allowed',
    withMembers({ allowedHosts: ['example.org'] }),
    4,
    /baseUrl|allowedHosts/,
  ),
  row('a host that is no machine of ours', withMembers({ baseUrl: 'http://example.org' }), 4, /allowedHosts/),
  row('a path that is no path', redeem({ path: 'redeem' }), 4, /redeem\.path/),
  row('a path with a line end', redeem({ path: '/a\r\nX: 1' }), 4, /redeem\.path/),
  row('a placeholder that means nothing', redeem({ path: '/{whatever}' }), 4, /redeem\.path/),
  row('a method that changes nothing', redeem({ method: 'GET' }), 4, /redeem\.method/),
  row(
    'a key in Transfer-Encoding',
    redeem({ keyHeader: 'Transfer-Encoding' }),
    4,
    /redeem\.keyHeader.*can carry a key/,
  ),
  row('a key in no header name', redeem({ keyHeader: 'a b' }), 4, /redeem\.keyHeader.*name of a header/),
  row('a header that ends', redeem({ headers: { 'X-A': 'a\r\nB: c' } }), 4, /redeem\.headers/),
  row('a header of the sender', redeem({ headers: { Host: 'elsewhere' } }), 4, /redeem\.headers/),
  row('a pointer that is none', withMembers({ answer: { redemption: 'id' } }), 4, /answer\.redemption/),
  row('no rewards', withMembers({ rewards: [] }), 4, /rewards/),
  row('a price in words', withMembers({ rewards: [{ id: 'a', points: '0.5' }] }), 4, /rewards\[0\]\.points/),
  row(
    'a reward beyond numbers',
    withMembers({ rewards: [{ id: 'a', points: 7 }] }).replace('7}]', '1e400}]'),
    4,
    /rewards\[0\]\.points/,
  ),
  row('no customers', withMembers({ customers: undefined }), 4, /customers/),
  row('a customer twice', withMembers({ customers: ['a', 'a'] }), 4, /customers\[1\]/),
  row('a token with a line end', withMembers({ auth: { token: 'a\r\nb' } }), 4, /auth\.token/),
  row(
    'a token of a variable that is not set',
    withMembers({ auth: { env: 'NOT_SET_ANYWHERE' } }),
    4,
    /NOT_SET_ANYWHERE/,
  ),
  row('two ways to a token', withMembers({ auth: { token: 'a', env: 'B' } }), 4, /auth/),
  row('a command that is no list', withMembers({ auth: { command: 'cat token' } }), 4, /auth\.command/),
  row(
    'a token server elsewhere',
    withMembers({ auth: { oauth: { tokenUrl: 'http://example.org', clientId: 'a', clientSecret: 'b' } } }),
    4,
    /tokenUrl.*not an allowed one|allowedHosts/,
  ),
  row('a contract that nobody has', withMembers({ contract: 'nobodys' }), 4, /contract/),
  row('a row of a contract that is none', withMembers({ contract: { ttl: 5 } }), 4, /contract\.ttl: unknown/),
  row('a status out of range', withMembers({ contract: { badBody: { status: 9 } } }), 4, /contract\.badBody/),
  row(
    'a tombstone before the end',
    withMembers({ contract: { ttlMs: 1000, tombstoneMs: 1 } }),
    4,
    /tombstoneMs/,
  ),
  row('a limit of nothing', withMembers({ limits: { maxVus: 0 } }), 4, /limits\.maxVus/),
  row('a hook that is no function', withMembers({ hooks: { provision: 'curl' } }), 4, /hooks\.provision/),
  row('a hook that there is not', withMembers({ hooks: { explode: 1 } }), 4, /hooks\.explode: unknown/),
  row(
    'a module that throws',
    module('throw new Error("no\\nluck")'),
    4,
    /threw while it was loaded: no luck/,
  ),
  row('a module that throws nothing', module('throw undefined'), 4, /threw while it was loaded/),
  row('a module that cannot be read', module('export default {'), 4, /line \d+/),
  row('a module without a default', module('export const a = 1'), 4, /the config: .*object/),
  row('a module of another kind', module('export default () => ({})'), 4, /the config: .*object/),
  row(
    'a module with a member that throws',
    module('export default { get baseUrl() { throw new Error("trap") } }'),
    4,
    /trap/,
  ),
  row(
    'a module that is not installed',
    module('import "not-installed-anywhere"; export default {}'),
    4,
    /not-installed-anywhere/,
  ),
  row('a module that imports itself', module('import c from "./config.mjs"; export default c'), 4, /config/),
];

/** JSON by what differs from the smallest config, modules by their code. */
export function configShape(content: string): string {
  // Deeper than a function that calls itself can follow.
  if (content.includes('{"a":{"a":')) return 'nested';
  return content.startsWith('{') ? jsonShape(content, SMALLEST) : masked(content);
}
