import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProgram, programArguments } from '../../harness/base/program.ts';

const run = promisify(execFile);
const openssl = findProgram('openssl');
const why = openssl === undefined ? ' (skipped: no openssl is installed)' : '';
const check = test.skipIf(openssl === undefined);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onceproof-'));
  if (openssl === undefined) return;
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  await run(openssl, ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files]);
});
afterAll(() => rm(folder, { recursive: true }));

interface Asked {
  readonly port: number;
}

/** What an endpoint answers that is reached through hop and TCP proxy, by this name or address. */
async function asked(host: string, trusted: boolean): Promise<Asked> {
  const files = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const { command, args } = programArguments('test/proxy/tls-child');
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const trust = trusted ? { NODE_EXTRA_CA_CERTS: files[1] } : {};
  const { stdout } = await run(command, [...args, host, ...files], { env: { ...env, ...trust } });
  return JSON.parse(stdout) as Asked;
}

check(`an endpoint behind TLS gets its own name, and what arrives is counted${why}`, async () => {
  const { port, ...answer } = await asked('localhost', true);
  expect(answer).toEqual({ status: 200, body: { host: `localhost:${port}` }, arrivalCount: 1 });
});

check(`a certificate for another name is a 502 in the name of the proxy${why}`, async () => {
  expect(await asked('127.0.0.1', true)).toMatchObject({
    status: 502,
    body: { code: 'proxy', detail: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  });
});

check(`so is one that nobody vouches for${why}`, async () => {
  expect(await asked('localhost', false)).toMatchObject({
    status: 502,
    body: { code: 'proxy', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  });
});
