/** The example that answers 202 and has the key in its body, judged by its config alone. */

import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { promisesBroken, runForVerdict, temporaryFolder, told } from '../support/cli.ts';

const config = join(resolve(import.meta.dirname, '../../examples/async-redeem'), 'onceproof.config.ts');
const out = temporaryFolder();
afterAll(() => out.remove());

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return String(port);
}

async function judged(edition: string) {
  const flags = ['--engine', 'embedded', '--proxy', 'embedded', '--seed', '1', '--intents', '24'];
  const env = { EDITION: edition, PORT: await freePort() };
  return await runForVerdict(['double-click', '--target', config, '--out', out.path, ...flags], { env });
}

test('its config has at most 40 lines', () => {
  expect(readFileSync(config, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});

test.concurrent('the right edition is valid', async () => {
  const { verdict } = await judged('right');
  expect(told(verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
});

test.concurrent('the wrong edition is invalid by double-debit', async () => {
  const { verdict } = await judged('wrong');
  expect(verdict.violations.map(({ rule }) => rule)).toContain('double-debit');
});

test.concurrent('the right edition keeps what its contract promises', async () => {
  expect(await promisesBroken(config, out.path, { EDITION: 'right', PORT: await freePort() })).toEqual([]);
});
