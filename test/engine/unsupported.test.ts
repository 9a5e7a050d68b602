/** Everything that only the real k6 has is refused by its name, and docs/engines.md lists the same. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runEmbedded } from '../../harness/engine/embedded.ts';
import {
  SYNC_RESPONSE_MEMBERS,
  SYNC_VERBS,
  UNSUPPORTED_MEMBERS,
  UNSUPPORTED_METRICS,
  UNSUPPORTED_MODULES,
  UNSUPPORTED_OPTIONS,
  UNSUPPORTED_RESPONSE_FIELDS,
} from '../../harness/engine/unsupported.ts';
import { HarnessError } from '../../harness/base/errors.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startServer();
  folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Refusal {
  readonly named: string;
  readonly source: string;
}

/** One VU more than there are threads. */
const MANY = '{ vus: 65, iterations: 65 }';

const EMPTY = 'export default function () {}\n';

/** The script catches everything: even so the refusal must end the run. */
const caught = (work: string): string => `try { ${work} } catch {}`;

const onResponse = (use: string): string =>
  `import http from 'k6/http';
   export default async function () {
     const response = await http.asyncRequest('GET', __ENV.BASE_URL + '/echo');
     ${caught(`globalThis.onceproofTest = response.${use};`)}
   }`;

/** A value of the right type: a wrong one would be refused for that. */
const OPTION_VALUES: Readonly<Record<string, string>> = {
  dns: "{ ttl: '1m' }",
  executionSegment: "'0:1/2'",
  executionSegmentSequence: "'0,1/2,1'",
  features: "['x']",
  handleSummaryTimeout: "'1m'",
  httpDebug: "'full'",
  paused: 'true',
};

const REFUSALS: readonly Refusal[] = [
  ...UNSUPPORTED_MODULES.map((name) => name.replace('*', 'anything')).map((name) => ({
    named: name,
    source: `import * as it from '${name}';\nexport default function () { it.any(); }\n`,
  })),
  ...Object.entries(UNSUPPORTED_MEMBERS).flatMap(([module, members]) =>
    members.map((member) => ({
      named: `${member} of ${module}`,
      source: `import it from '${module}';\nexport default function () { ${caught(`it.${member}('x');`)} }\n`,
    })),
  ),
  ...SYNC_RESPONSE_MEMBERS.map((name) => ({
    named: `Response.${name} (it blocks, and with 65 VUs not each can have a thread: at most 64)`,
    source: `export const options = ${MANY};\n${onResponse(`${name}()`)}`,
  })),
  ...UNSUPPORTED_RESPONSE_FIELDS.map((name) => ({ named: `Response.${name}`, source: onResponse(name) })),
  ...SYNC_VERBS.map((verb) => ({
    named: `http.${verb}`,
    source: `import http from 'k6/http';\nexport const options = ${MANY};\nexport default function () { ${caught(`http.${verb}(__ENV.BASE_URL);`)} }\n`,
  })),
  ...SYNC_VERBS.slice(0, 2).map((verb) => ({
    named: `http.${verb} (it blocks, and with 65 VUs not each can have a thread: at most 64)`,
    source: `import http from 'k6/http';\nconst it = http;\nexport const options = ${MANY};\nexport default function () { ${caught(`it.${verb}(__ENV.BASE_URL);`)} }\n`,
  })),
  {
    named: 'sleep without await (it blocks, and with 65 VUs not each can have a thread: at most 64)',
    source: `import { sleep } from 'k6';\nexport const options = ${MANY};\nexport default function () { sleep(0.01); }\n`,
  },
  ...UNSUPPORTED_OPTIONS.map((name) => ({
    named: `options.${name}`,
    source: `export const options = { ${name}: ${OPTION_VALUES[name] ?? 'null'} };\n${EMPTY}`,
  })),
  ...UNSUPPORTED_METRICS.map((name) => ({
    named: `a threshold on ${name}`,
    source: `export const options = { thresholds: { ${name}: ['avg<1'] } };\n${EMPTY}`,
  })),
];

const asking = (params: string): string =>
  `import http from 'k6/http';
   export default async function () { ${caught(`await http.asyncRequest('POST', __ENV.BASE_URL + '/reflect', '{"a":[1]}', ${params});`)} }`;
const withPath = (path: string): string =>
  `import http from 'k6/http';
   export default async function () {
     const response = await http.asyncRequest('POST', __ENV.BASE_URL + '/reflect', '{"a":[1]}');
     ${caught(`response.json('${path}');`)}
   }`;

/** Values that only the real k6 takes, and what the docs call them. */
const VALUES: readonly (Refusal & { readonly said: string })[] = [
  { said: "`auth: 'ntlm'`", named: "auth: 'ntlm'", source: asking("{ auth: 'ntlm' }") },
  { said: "`compression: 'zstd'`", named: "compression: 'zstd'", source: asking("{ compression: 'zstd' }") },
  ...['Expect', 'Keep-Alive', 'Upgrade'].map((name) => ({
    said: `\`${name}\``,
    named: `the header ${name} of a request`,
    source: asking(`{ headers: { '${name}': 'x' } }`),
  })),
  {
    said: '`"ocsp_status"`',
    named: '"ocsp_status" of options.systemTags',
    source: `export const options = { systemTags: ['ocsp_status'] };\n${EMPTY}`,
  },
  {
    said: 'more than one certificate',
    named: 'options.tlsAuth with more than one certificate',
    source: `export const options = { tlsAuth: [{}, {}] };\n${EMPTY}`,
  },
  {
    said: '`tlsCipherSuites` with RC4 or 3DES alone',
    named: 'options.tlsCipherSuites with RC4 or 3DES alone',
    source: `export const options = { tlsCipherSuites: ['TLS_RSA_WITH_RC4_128_SHA'] };\n${EMPTY}`,
  },
  {
    said: '`@reverse`',
    named: 'the modifier @reverse in Response.json("a|@reverse")',
    source: withPath('a|@reverse'),
  },
  { said: '`{a,b}`', named: 'several paths at once in Response.json("{a,b}")', source: withPath('{a,b}') },
  { said: '`!`', named: 'a literal in Response.json("!1")', source: withPath('!1') },
  {
    said: '`options` of a scenario',
    named: "options.scenarios.a.options (the browser's)",
    source: `export const options = { scenarios: { a: { executor: 'per-vu-iterations', options: {} } } };\n${EMPTY}`,
  },
  ...['html', 'submitForm', 'clickLink'].map((name) => ({
    said: "`response[['ht', 'ml'].join('')]`",
    named: `Response.${name}, which the text of the script does not name,`,
    source: onResponse(`url && response['${name.slice(1)}${name.slice(0, 1)}'.replace(/(.*)(.)/, '$2$1')]()`),
  })),
  { said: 'top-level `await`', named: 'top-level await', source: `await 0;\n${EMPTY}` },
];

describe('what only the real k6 has', () => {
  test.each([...REFUSALS, ...VALUES])(
    '$named is refused by its name, with what to do',
    async ({ named, source }) => {
      const script = join(folder, 'script.js');
      writeFileSync(script, source);
      const run = runEmbedded({ script, env: { BASE_URL: server.url }, onLine: () => undefined });
      const error: unknown = await run.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(HarnessError);
      expect(error).toMatchObject({ kind: 'usage' });
      expect(String(error)).toContain(named);
      expect(String(error)).toContain('--engine k6');
    },
  );

  test('is listed in docs/engines.md, and nothing else is', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../../docs/engines.md'), 'utf8');
    const listed = Object.fromEntries(
      [...text.matchAll(/^\| (?<what>[^|`]*?(?:`[^|]*?)??) +\| (?<names>`[^|]+?) +\|$/gm)].map(
        ({ groups }) => [
          groups?.['what']?.trim() ?? '',
          [...(groups?.['names'] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
        ],
      ),
    );
    expect(listed).toEqual({
      modules: UNSUPPORTED_MODULES,
      ...Object.fromEntries(
        Object.entries(UNSUPPORTED_MEMBERS).map(([module, names]) => [`members of \`${module}\``, names]),
      ),
      'fields of a response': UNSUPPORTED_RESPONSE_FIELDS,
      'with more than 64 VUs': [
        ...SYNC_VERBS.map((verb) => `http.${verb}`),
        ...SYNC_RESPONSE_MEMBERS.map((name) => `Response.${name}`),
        'sleep',
      ],
      options: UNSUPPORTED_OPTIONS,
      'thresholds on': UNSUPPORTED_METRICS,
    });
  });

  test('is listed in docs/engines.md by its value', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../../docs/engines.md'), 'utf8');
    const part = text.slice(text.indexOf('## Parameters and values'));
    for (const { said } of VALUES) expect(part).toContain(said);
  });

  test('leaves an option that k6 does not know either to a warning', async () => {
    const script = join(folder, 'unknown.js');
    writeFileSync(script, `export const options = { nonsense: 1 };\n${EMPTY}`);
    const log: string[] = [];
    const { exitCode } = await runEmbedded({
      script,
      env: {},
      onLine: () => undefined,
      onLog: (level, text) => log.push(`${level}: ${text}`),
    });
    expect(exitCode).toBe(0);
    expect(log.filter((line) => line.startsWith('warning:') && line.includes('nonsense'))).toHaveLength(1);
  });
});
