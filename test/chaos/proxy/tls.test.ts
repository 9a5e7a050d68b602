import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProgram, programArguments } from '../../../harness/program.ts';

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

async function asked(trusted: boolean): Promise<unknown> {
  const files = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const { command, args } = programArguments('test/chaos/proxy/tls-child');
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const trust = trusted ? { NODE_EXTRA_CA_CERTS: files[1] } : {};
  const { stdout } = await run(command, [...args, ...files], { env: { ...env, ...trust } });
  return JSON.parse(stdout);
}

check(`a hop speaks TLS to its upstream, with the Host that it was given${why}`, async () => {
  expect(await asked(true)).toEqual({ status: 200, body: { host: 'localhost' } });
});

check(`a certificate that nobody vouches for is a 502 in the name of the proxy${why}`, async () => {
  expect(await asked(false)).toMatchObject({
    status: 502,
    body: { code: 'proxy', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  });
});
