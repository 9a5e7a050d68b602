import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Auth } from '../../harness/config/auth.ts';
import { resolveConfig } from '../../harness/config/resolve.ts';
import { HarnessError } from '../../harness/base/errors.ts';
import { configWith } from './configs.ts';

const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
const servers: Server[] = [];
let nowMs = 1_000_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

function authWith(
  members: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
): Auth {
  const file = join(folder, 'onceproof.config.ts');
  return resolveConfig(configWith(members), { file, env: { ...process.env, ...env }, now: () => nowMs }).auth;
}

async function listening(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  return text;
}

async function failureOf(work: Promise<unknown>): Promise<HarnessError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HarnessError) return error;
  throw new Error('no HarnessError', { cause: error });
}

test('no auth gives no token', async () => {
  expect(await authWith({ auth: 'none' }).tokenFor('c-1')).toBe('');
});

test('a static token is for every customer, and a customer with its own token uses that', async () => {
  const auth = authWith({ auth: { token: 'common' }, customers: ['a', { id: 'b', token: 'own' }] });
  expect([await auth.tokenFor('a'), await auth.tokenFor('b'), await auth.tokenFor('c')]).toEqual([
    'common',
    'own',
    'common',
  ]);
});

test('a token comes from the environment', async () => {
  expect(await authWith({ auth: { env: 'THE_TOKEN' } }, { THE_TOKEN: 't-1' }).tokenFor('a')).toBe('t-1');
});

describe('a command', () => {
  /** A program that counts its runs in a file and prints what it is told, with the count in it. */
  function program(name: string, prints: string): { command: string[]; runs: () => number } {
    const count = join(folder, `${name}.count`);
    writeFileSync(count, '0');
    const text = `const { readFileSync, writeFileSync } = require('node:fs');
      const n = Number(readFileSync(${JSON.stringify(count)}, 'utf8')) + 1;
      writeFileSync(${JSON.stringify(count)}, String(n));
      ${prints}`;
    writeFileSync(join(folder, `${name}.cjs`), text);
    return { command: [process.execPath, `${name}.cjs`], runs: () => Number(readFileSync(count, 'utf8')) };
  }

  test('runs once, for all who ask at once, and again when its time is over', async () => {
    const { command, runs } = program('plain', 'console.log(`token-${n}`)');
    const auth = authWith({ auth: { command, ttlMs: 60_000 } });
    expect(runs()).toBe(0);
    expect(await Promise.all(['a', 'b', 'c'].map((id) => auth.tokenFor(id)))).toEqual(
      Array(3).fill('token-1'),
    );
    nowMs += 49_999;
    expect(await auth.tokenFor('a')).toBe('token-1');
    nowMs += 1;
    expect(await auth.tokenFor('a')).toBe('token-2');
    expect(runs()).toBe(2);
  });

  test('may print JSON, whose expiry counts', async () => {
    const print = 'console.log(JSON.stringify({ access_token: `json-${n}`, expires_in: 2 }))';
    const auth = authWith({ auth: { command: program('json', print).command } });
    expect(await auth.tokenFor('a')).toBe('json-1');
    nowMs += 999;
    expect(await auth.tokenFor('a')).toBe('json-1');
    nowMs += 1;
    expect(await auth.tokenFor('a')).toBe('json-2');
  });

  test('runs without a shell: its arguments arrive as they are', async () => {
    writeFileSync(join(folder, 'args.cjs'), 'console.log(process.argv.slice(2).join("+"))');
    const auth = authWith({ auth: { command: [process.execPath, 'args.cjs', '$HOME', 'a;b', '*'] } });
    expect(await auth.tokenFor('a')).toBe('$HOME+a;b+*');
  });

  test('that fails is told without what it printed, and is tried again', async () => {
    const { command } = program(
      'fails',
      'if (n === 1) { console.log("secret"); process.exit(7); } console.log("ok")',
    );
    const auth = authWith({ auth: { command } });
    const error = await failureOf(auth.tokenFor('a'));
    expect(error.kind).toBe('harness');
    expect(error.message).toBe(
      `auth.command: the command ${process.execPath} ended with 7; expected a token on its standard output`,
    );
    expect(await auth.tokenFor('a')).toBe('ok');
  });

  test.each([
    ['nothing', '', 'the command printed no token'],
    ['two-lines', 'console.log("a\\nb")', 'the command printed no token'],
    ['no-token', 'console.log("{}")', 'there is no token in the answer'],
    ['half-json', 'console.log("{")', 'there is no token in the answer'],
  ])('that prints %s has no token', async (name, prints, what) => {
    const error = await failureOf(
      authWith({ auth: { command: program(name, prints).command } }).tokenFor('a'),
    );
    expect(error.message).toContain(`auth.command: ${what}`);
  });

  test('that does not exist is told by name', async () => {
    const error = await failureOf(authWith({ auth: { command: ['no-such-program-here'] } }).tokenFor('a'));
    expect(error.message).toContain('the command no-such-program-here ended with ENOENT');
  });
});

describe('OAuth client credentials', () => {
  interface Asked {
    readonly authorization: string | undefined;
    readonly form: Record<string, string>;
  }

  async function tokenEndpoint(
    expiresIn?: number,
  ): Promise<{ tokenUrl: string; asked: Asked[]; host: string }> {
    const asked: Asked[] = [];
    const give = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const form = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
      asked.push({ authorization: request.headers.authorization, form });
      const body = { access_token: `oauth-${asked.length}`, token_type: 'Bearer', expires_in: expiresIn };
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
    };
    const url = await listening((request, response) => void give(request, response));
    return { tokenUrl: `${url}/token`, asked, host: new URL(url).host };
  }

  function oauth(tokenUrl: string, more: Readonly<Record<string, unknown>> = {}): Auth {
    const members = { tokenUrl, clientId: 'cl:ient', clientSecret: { env: 'SECRET' }, ...more };
    const hosts = ['127.0.0.1'];
    return authWith({ allowedHosts: hosts, auth: { oauth: members } }, { SECRET: 's p%' });
  }

  test('asks with Basic, form-encoded, once until the token expires', async () => {
    const { tokenUrl, asked } = await tokenEndpoint(100);
    const auth = oauth(tokenUrl, { scope: 'redeem read', audience: 'loyalty' });
    expect(await Promise.all([auth.tokenFor('a'), auth.tokenFor('b')])).toEqual(['oauth-1', 'oauth-1']);
    nowMs += 90_000;
    expect(await auth.tokenFor('a')).toBe('oauth-2');
    expect(asked[0]).toEqual({
      authorization: `Basic ${Buffer.from('cl%3Aient:s+p%25').toString('base64')}`,
      form: { grant_type: 'client_credentials', scope: 'redeem read', audience: 'loyalty' },
    });
  });

  test('asks with the secret in the body where that is wanted', async () => {
    const { tokenUrl, asked } = await tokenEndpoint();
    expect(await oauth(tokenUrl, { clientAuth: 'body' }).tokenFor('a')).toBe('oauth-1');
    expect(asked[0]).toEqual({
      authorization: undefined,
      form: { grant_type: 'client_credentials', client_id: 'cl:ient', client_secret: 's p%' },
    });
  });

  test('a refusal is told with its status and without the secret', async () => {
    const url = await listening((_, response) =>
      response.writeHead(401).end('{"error":"invalid_client s p%"}'),
    );
    const error = await failureOf(oauth(`${url}/token`).tokenFor('a'));
    expect(error.kind).toBe('harness');
    expect(error.message).toBe(
      `auth.oauth: the token endpoint ${url} refused; expected status 200; found 401`,
    );
  });

  test('a redirect is never followed: it could lead to a host that nobody allowed', async () => {
    let visits = 0;
    const elsewhere = await listening((_, response) => {
      visits += 1;
      response.end('{"access_token":"stolen"}');
    });
    const url = await listening((_, response) => response.writeHead(307, { Location: elsewhere }).end());
    const error = await failureOf(oauth(`${url}/token`).tokenFor('a'));
    expect(error.message).toContain(`auth.oauth: the token endpoint ${url} gave no answer: `);
    expect(visits).toBe(0);
  });

  test('an endpoint that is not there is told by its address', async () => {
    const url = await listening(() => {});
    servers.pop()?.close();
    const error = await failureOf(oauth(`${url}/token`).tokenFor('a'));
    expect(error.message).toContain(`auth.oauth: the token endpoint ${url} gave no answer: `);
  });
});

describe('a function', () => {
  test('makes one token for each customer, and again when its time is over', async () => {
    const asked: string[] = [];
    const tokenFor = (customer: string) => {
      asked.push(customer);
      return Promise.resolve(`${customer}-${asked.length}`);
    };
    const auth = authWith({ auth: { tokenFor, ttlMs: 20_000 } });
    expect([await auth.tokenFor('a'), await auth.tokenFor('b'), await auth.tokenFor('a')]).toEqual([
      'a-1',
      'b-2',
      'a-1',
    ]);
    nowMs += 10_000;
    expect(await auth.tokenFor('a')).toBe('a-3');
  });

  test.each([
    [() => 5, 'auth.tokenFor: it gave no token; expected a text; found "a value of type number"'],
    [() => Promise.reject(new Error('no key')), 'auth.tokenFor: it threw: no key; expected a token'],
  ])('that gives none is told', async (tokenFor, line) => {
    expect((await failureOf(authWith({ auth: { tokenFor } }).tokenFor('a'))).message).toBe(line);
  });
});
