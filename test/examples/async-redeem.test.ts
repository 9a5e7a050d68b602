/** The example that answers 202 and has the key in its body, judged by its config alone. */

import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { brokenOf, probedRows, runForVerdict, temporaryFolder, told } from '../support/cli.ts';

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

const probed = async (edition: string) =>
  await probedRows(config, out.path, { EDITION: edition, PORT: await freePort() });

test.concurrent(
  'the right edition keeps what its contract promises, also while an order is worked on',
  async () => {
    const rows = await probed('right');
    expect(brokenOf(rows)).toEqual([]);
    const row = rows.find(({ name }) => name === 'in-flight');
    expect([row?.standing, row?.observed?.text]).toEqual([
      'kept',
      expect.stringMatching(/while that was still worked on$/),
    ]);
  },
);

test.concurrent('the wrong edition does not', async () => {
  expect(brokenOf(await probed('wrong'))).toEqual([
    expect.stringMatching(/^in-flight: .*redemptions of one key/),
  ]);
});
