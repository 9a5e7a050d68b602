/** Secrets stay inside: whatever endpoint, hooks and command line do with them, no file and no stream shows them. */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { onceproof, temporaryFolder, type CliResult } from '../support/cli.ts';

const TOKEN = 'sk_live+7Qz/9d3fA0-token';
const SHORT = 'zq7x';
const servers: Server[] = [];
const folders: (() => void)[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  for (const remove of folders.splice(0)) remove();
});

type Answer = (token: string, request: IncomingMessage, response: ServerResponse, count: number) => void;

/** An endpoint that answers with what it was sent. */
async function endpoint(answer: Answer): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    request.resume().on('end', () => answer(token, request, response, ++count));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Everything that a run left behind, by name. */
function textsIn(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

function formsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(`:${secret}`).toString('base64').slice(2, -4),
  ];
}

interface Ran extends CliResult {
  readonly files: Map<string, string>;
}

async function run(
  baseUrl: string,
  {
    auth,
    head = '',
    more = '',
    flags = [],
    env = {},
  }: {
    readonly auth: string;
    readonly head?: string;
    readonly more?: string;
    readonly flags?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Ran> {
  const folder = temporaryFolder();
  folders.push(folder.remove);
  const config = join(folder.path, 'onceproof.config.mjs');
  writeFileSync(
    config,
    `${head}
    export default {
      baseUrl: '${baseUrl}',
      auth: ${auth},
      redeem: { path: '/redeem/{customer_id}', body: { reward: '{reward_id}', id: '{client_redemption_id}' } },
      answer: { redemption: '/id', code: '/code' },
      balance: { path: '/balance/{customer_id}', value: '/points' },
      rewards: [{ id: 'coffee', points: 5 }],
      limits: { settleMs: 300, timeoutMs: 1000, lateMs: 300 },
      ${more || "customers: ['ada', 'bob'],"}
    };`,
  );
  const out = join(folder.path, 'results');
  const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--faults', 'none', '--intents', '4'];
  const args = ['run', 'double-click', '--target', config, '--out', out, ...parts];
  const result = await onceproof([...args, '--report', 'html,junit,markdown,json,github', ...flags], { env });
  return { ...result, files: textsIn(out) };
}

function expectNoTrace({ files, stdout, stderr }: Ran, secret: string): void {
  const places = new Map([...files, ['stdout', stdout], ['stderr', stderr]]);
  // The run came so far that there is something to look at.
  expect(
    [...files.keys()].some((name) => name.endsWith('history.ndjson')),
    stderr,
  ).toBe(true);
  for (const form of formsOf(secret))
    expect(
      [...places].filter(([, text]) => text.includes(form)).map(([name]) => name),
      form,
    ).toEqual([]);
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What the answers of one run hold, in turn. */
const ECHOES: Readonly<Record<string, Answer>> = {
  'in redemption ids': (token, _, response, count) => {
    const ids = [
      `r-${token}-${count}`,
      token,
      `${encodeURIComponent(token)}-${count}`,
      `${base64(`:${token}`)}${count}`,
    ];
    json(response, 200, { id: ids[count % ids.length], points: 100 });
  },
  'in error codes': (token, _, response, count) => {
    const codes = [
      `bad ${token}`,
      base64(token),
      Buffer.from(token).toString('base64url'),
      `x=${encodeURIComponent(token)}`,
    ];
    json(response, count % 2 === 0 ? 409 : 422, { code: codes[count % codes.length], points: 100 });
  },
  'elsewhere in an answer': (token, _, response, count) => {
    if (count % 3 === 0) response.writeHead(500).end(`<b>${token}</b>`);
    else if (count % 3 === 1) response.writeHead(302, { location: `/${token}` }).end();
    else json(response, 200, { id: `r-${count}`, points: 100, [token]: 1 });
  },
};

/** Well enough behaved for the preflight, so that a run begins: so many requests come before it. */
const BEFORE = 12;
const afterPreflight =
  (answer: Answer): Answer =>
  (token, request, response, count) =>
    count > BEFORE
      ? answer(token, request, response, count)
      : json(response, 200, { id: `before-${count}`, points: 100 });

describe('an endpoint that gives the token back', () => {
  test.each(Object.entries(ECHOES))('%s', async (_, answer) => {
    const ran = await run(await endpoint(afterPreflight(answer)), { auth: `{ token: '${TOKEN}' }` });
    expectNoTrace(ran, TOKEN);
  });

  test('a short one is taken out as a word', async () => {
    const ran = await run(
      await endpoint((token, _, response, count) =>
        json(response, 200, { id: `r ${token} ${count}`, points: 100 }),
      ),
      { auth: `{ token: '${SHORT}' }` },
    );
    const history = [...ran.files].find(([name]) => name.endsWith('history.ndjson'))?.[1];
    expect(history).toMatch(/r \[redacted(:\d+)?\] \d/);
    expect(history).not.toMatch(new RegExp(`\\b${SHORT}\\b`));
  });

  test('ids that differ by a token alone still differ, and judging goes on', async () => {
    const ran = await run(
      await endpoint((token, _, response) => json(response, 200, { id: token, points: 100 })),
      { auth: `{ tokenFor: (customer) => 'a-token-of-' + customer }`, flags: ['--json'] },
    );
    expect(() => JSON.parse(ran.stdout) as unknown).not.toThrow();
    expect(ran.stdout).not.toContain('a-token-of-');
  });
});

describe('a secret that comes in elsewhere', () => {
  const echo = ECHOES['in redemption ids'] as Answer;
  const customers = "customers: ['ada', 'bob'],";

  test.each([
    ['by a variable', `{ env: 'MY_AUTH' }`, customers],
    ['by a command', `{ command: ['node', '-e', 'process.stdout.write(process.env.MY_AUTH)'] }`, customers],
    ['by a function', `{ tokenFor: () => process.env.MY_AUTH }`, customers],
    [
      'with a customer',
      `'none'`,
      `customers: [{ id: 'ada', token: { env: 'MY_AUTH' } }, { id: 'bob', token: { env: 'MY_AUTH' } }],`,
    ],
    ['by provision', `'none'`, `hooks: { provision: () => ({ token: process.env.MY_AUTH }) },`],
  ])('%s', async (_, auth, more) => {
    const ran = await run(await endpoint(echo), { auth, more, env: { MY_AUTH: TOKEN } });
    expectNoTrace(ran, TOKEN);
  });

  // The first customer is the preflight's.
  const ledgerAtFirst = `provision: () => { made += 1; return {} }, ledger: () => { if (made < 2) return { debits: [], credits: [] };`;

  test.each([
    [
      'a hook that throws it',
      `{ provision: () => { made += 1; if (made > 1) throw new Error('refused: ' + process.env.MY_AUTH); return {} } }`,
      3,
      'hook provision: refused: [redacted',
    ],
    [
      'a hook that throws it late, and long',
      `{ ${ledgerAtFirst} throw new Error('x'.repeat(150) + process.env.MY_AUTH) } }`,
      1,
      'hook ledger: xxx',
    ],
    [
      'a hook that throws a URL with a password',
      `{ ${ledgerAtFirst} throw new Error('no http://me:' + encodeURIComponent(process.env.MY_AUTH) + '@db/') } }`,
      1,
      'hook ledger: no http://',
    ],
  ] as const)('%s', async (_, hooks, code, words) => {
    const ran = await run(await endpoint(echo), {
      head: 'let made = 0;',
      auth: `{ env: 'MY_AUTH' }`,
      more: `hooks: ${hooks},`,
      env: { MY_AUTH: TOKEN },
    });
    expectNoTrace(ran, TOKEN);
    // And yet what went wrong is told.
    expect(ran.stderr).toContain(words);
    expect(ran.code, ran.stderr).toBe(code);
  });

  test('a header that is secret by its name or its source', async () => {
    const ran = await run(
      await endpoint((_, request, response, count) =>
        json(response, 200, {
          id: `${String(request.headers['x-api-key'])} ${String(request.headers['x-tenant'])} ${count}`,
          points: 100,
        }),
      ),
      {
        auth: `'none'`,
        more: `${customers} redeem: { path: '/r', headers: { 'X-Api-Key': '${TOKEN}', 'X-Tenant': 'acme' }, body: { reward: '{reward_id}' } },`,
      },
    );
    expectNoTrace(ran, TOKEN);
    // What is no secret stays to be read.
    expect([...ran.files.values()].join('\n')).toContain('acme');
  });
});

describe('the command line', () => {
  test('no help shows what stands in the environment', async () => {
    for (const command of ['run', 'audit', 'serve', 'proxy', 'replay', 'check']) {
      const { stdout } = await onceproof([command, '--help'], {
        env: { TOKEN, HOOKS_TOKEN: `${TOKEN}2`, ONCEPROOF_TOKEN: TOKEN, ONCEPROOF_HOOKS_TOKEN: TOKEN },
      });
      expect(stdout).toContain('Usage: onceproof');
      expect(stdout).not.toContain(TOKEN);
    }
  });

  test.each([
    [
      'audit',
      ['audit', 'nothing.ndjson', '--base-url', `http://user:${TOKEN.replaceAll('/', '-')}@127.0.0.1:1`],
    ],
    ['a store', ['run', 'double-click', '--store', `redis://:${TOKEN.replaceAll('/', '-')}@127.0.0.1:1/0`]],
    ['a proxy', ['run', 'double-click', '--proxy', `http://u:${TOKEN.replaceAll('/', '-')}@127.0.0.1:1`]],
    ['a wrong scheme', ['run', '--store', `ftp://u:${TOKEN.replaceAll('/', '-')}@127.0.0.1:1`]],
  ])('the password of a URL for %s is not shown', async (_, args) => {
    const folder = temporaryFolder();
    folders.push(folder.remove);
    const { code, stdout, stderr } = await onceproof(args, { cwd: folder.path });
    expect(code).toBeGreaterThanOrEqual(3);
    expect(stderr).not.toBe('');
    for (const form of [TOKEN.replaceAll('/', '-'), encodeURIComponent(TOKEN.replaceAll('/', '-'))])
      expect(stdout + stderr).not.toContain(form);
  });

  test('control characters of others are shown escaped on stderr', async () => {
    const { stderr } = await onceproof(['run', 'no\u001b[31msuch\u0007\u202e']);
    // eslint-disable-next-line no-control-regex
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stderr).toContain(String.raw`no\u001b[31msuch\u0007\u202e`);
  });

  test.each([
    ['proxy', ''],
    ['proxy', ' '],
    ['serve', ''],
    ['serve', '0'],
    ['serve', '-'],
  ])('%s --host %j is refused: it would be every interface', async (command, host) => {
    const { code, stderr } = await onceproof([command, '--host', host, '--port', '0']);
    expect(stderr).toMatch(/^onceproof: .*--host.*wrong value; expected an address or a name/);
    expect(code).toBe(4);
  });
});
