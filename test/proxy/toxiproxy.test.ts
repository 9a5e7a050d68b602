import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ChaosProxy } from '../../harness/proxy/chaos-proxy.ts';
import {
  findToxiproxy,
  startToxiproxy,
  type RunningToxiproxy,
} from '../../harness/proxy/toxiproxy-process.ts';
import { toxiproxyVersion } from '../../harness/proxy/toxiproxy-api.ts';
import { ToxiproxyDriver } from '../../harness/proxy/toxiproxy.ts';
import type { ToxicDriver } from '../../harness/proxy/driver.ts';
import { until } from '../../harness/environment/store.ts';
import { closeAll, echo, open, serve } from './servers.ts';
import { callApi, TOXIPROXY } from './subjects.ts';

const why = TOXIPROXY === undefined ? ' (skipped: no toxiproxy-server is installed)' : '';
const real = test.skipIf(TOXIPROXY === undefined);

describe(`a real Toxiproxy${why}`, () => {
  let running: RunningToxiproxy;

  beforeAll(async () => {
    if (TOXIPROXY !== undefined) running = await startToxiproxy(TOXIPROXY);
  });
  afterAll(async () => {
    if (TOXIPROXY !== undefined) await running.stop();
  });
  afterEach(closeAll);

  real('is started on a free port, tells its version, and is gone after stop', async () => {
    const second = await startToxiproxy(TOXIPROXY ?? '');
    expect(second.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(second.version).not.toBe('');
    expect(() => process.kill(second.pid, 0)).not.toThrow();
    await second.stop();
    expect(() => process.kill(second.pid, 0)).toThrow();
    await expect(toxiproxyVersion(second.url)).rejects.toMatchObject({ code: 'toxiproxy-unreachable' });
  });

  real('that dies by itself tells how, one that is stopped did not die before', async () => {
    const second = await startToxiproxy(TOXIPROXY ?? '');
    expect(second.death()).toBeUndefined();
    // Go's runtime ends with a list of goroutines, as after a panic.
    process.kill(second.pid, 'SIGQUIT');
    expect(await until(async () => second.death()?.includes('SIGQUIT: quit') === true, 15_000)).toBe(true);
    await second.stop();
  });

  real('drives only the proxies of its own prefix, and leaves the others as they are', async () => {
    const upstream = (await echo()).address;
    const foreign = { name: 'theirs', listen: '127.0.0.1:0', upstream };
    await callApi(running, 'POST', '/proxies', foreign);
    await callApi(running, 'POST', '/proxies/theirs/toxics', { type: 'latency', attributes: { latency: 1 } });
    const driver = new ToxiproxyDriver({ url: `${running.url}/`, prefix: 'run-7-' });
    await driver.create({ name: 'a', upstream });
    await driver.create({ name: 'run-7-b', upstream });
    await driver.setEnabled('a', false);
    expect((await driver.list()).map(({ name, enabled }) => [name, enabled])).toEqual(
      expect.arrayContaining([
        ['a', false],
        ['run-7-b', true],
      ]),
    );
    expect(Object.keys((await callApi(running, 'GET', '/proxies')).json as object).toSorted()).toEqual([
      'run-7-a',
      'run-7-b',
      'theirs',
    ]);
    await driver.close();
    expect((await callApi(running, 'GET', '/proxies')).json).toMatchObject({
      theirs: { enabled: true, toxics: [{ name: 'latency_downstream' }] },
    });
    expect(await driver.list()).toEqual([]);
    await callApi(running, 'DELETE', '/proxies/theirs');
  });

  real('another driver of the same prefix cleans up what a crash left behind', async () => {
    const first = new ToxiproxyDriver({ url: running.url, prefix: 'crashed-' });
    await first.create({ name: 'a', upstream: '127.0.0.1:9' });
    const second = new ToxiproxyDriver({ url: running.url, prefix: 'crashed-' });
    await second.close();
    expect(await first.list()).toEqual([]);
    await first.close();
  });

  real('takes names that do not fit into a path', async () => {
    const driver = new ToxiproxyDriver({ url: running.url, prefix: 'odd-' });
    const name = 'ä b?c#d%e';
    const { listen } = await driver.create({ name, upstream: (await echo()).address });
    await driver.addToxic(name, { name: 'x y?', type: 'timeout', attributes: { timeout: 0 } });
    await driver.updateToxic(name, 'x y?', { toxicity: 0 });
    await driver.removeToxic(name, 'x y?');
    const client = await open(listen);
    client.send('hello');
    await client.untilText('hello');
    await driver.delete(name);
    expect(await driver.list()).toEqual([]);
  });

  real('holds one toxic per link, and says so of a second one', async () => {
    const driver = new ToxiproxyDriver({ url: running.url, prefix: 'link-' });
    for (const name of ['a', 'b']) await driver.create({ name, upstream: '127.0.0.1:9' });
    const slow = { type: 'latency', attributes: { latency: 1 } };
    await driver.addToxic('a', { ...slow, name: 'first' });
    expect(driver.hasRoom('a', 'Downstream')).toBe(false);
    await expect(driver.addToxic('a', { ...slow, name: 'second', stream: 'DOWNSTREAM' })).rejects.toThrow(
      'a downstream: a real Toxiproxy dies of several toxics on one link; expected one toxic at a time; found "second while first is on"',
    );
    // The other direction and the other proxy are other links.
    expect(driver.hasRoom('a', 'upstream')).toBe(true);
    await driver.addToxic('a', { ...slow, name: 'up', stream: 'upstream' });
    await driver.addToxic('b', { ...slow, name: 'first' });
    await driver.removeToxic('a', 'first');
    await driver.addToxic('a', { ...slow, name: 'second' });
    // One that was refused or is gone takes no room.
    await expect(driver.addToxic('b', { type: 'nonsense', stream: 'upstream' })).rejects.toThrow('invalid');
    expect(driver.hasRoom('b', 'upstream')).toBe(true);
    await callApi(running, 'DELETE', '/proxies/link-b/toxics/first');
    await expect(driver.removeToxic('b', 'first')).rejects.toThrow('toxic not found');
    expect(driver.hasRoom('b', 'downstream')).toBe(true);
    await driver.delete('a');
    expect(driver.hasRoom('a', 'downstream')).toBe(true);
    await driver.close();
  });

  real("says Toxiproxy's own words when it refuses", async () => {
    const driver = new ToxiproxyDriver({ url: running.url, prefix: 'words-' });
    await expect(driver.create({ name: 'a', upstream: '' })).rejects.toMatchObject({
      status: 400,
      message: 'missing required field: upstream',
    });
    await expect(driver.addToxic('nobody', { type: 'latency' })).rejects.toMatchObject({
      status: 404,
      message: 'proxy not found',
    });
    await expect(driver.create({ name: 'a', upstream: 'b:1', mode: 'http' })).rejects.toThrow(
      /knows no requests/,
    );
  });
});

describe('what cannot be had', () => {
  test('nothing at that address', async () => {
    const gone = await echo();
    await gone.close();
    const driver = new ToxiproxyDriver({ url: `http://${gone.address}`, prefix: 'x-' });
    await expect(driver.list()).rejects.toMatchObject({ code: 'toxiproxy-unreachable' });
    await expect(toxiproxyVersion(`http://${gone.address}`)).rejects.toThrow(
      new RegExp(`^http://${gone.address}: no Toxiproxy; expected Toxiproxy's API; found .*ECONNREFUSED`),
    );
  });

  test('something else at that address', async () => {
    const other = await serve((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    });
    await expect(toxiproxyVersion(`http://${other.address}`)).rejects.toMatchObject({
      code: 'toxiproxy-unreachable',
    });
    await other.close();
  });

  test('a program that ends at once, or is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onceproof-'));
    const program = join(folder, 'toxiproxy-server');
    await writeFile(program, '#!/bin/sh\nexit 3\n');
    await chmod(program, 0o755);
    try {
      await expect(startToxiproxy(program)).rejects.toMatchObject({ code: 'toxiproxy-start' });
      await expect(startToxiproxy(join(folder, 'nothing'))).rejects.toMatchObject({
        code: 'toxiproxy-start',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('finding gives a program or nothing', () => {
    expect(findToxiproxy() ?? 'toxiproxy-server').toMatch(/toxiproxy-server/);
  });
});

describe.each(['embedded', 'toxiproxy'] as const)(`as a driver, %s${why}`, (kind) => {
  let running: RunningToxiproxy | undefined;
  let driver: ToxicDriver;
  const check = test.skipIf(kind === 'toxiproxy' && TOXIPROXY === undefined);

  beforeAll(async () => {
    if (kind === 'embedded') driver = new ChaosProxy({ seed: 1 });
    else if (TOXIPROXY !== undefined) {
      running = await startToxiproxy(TOXIPROXY);
      driver = new ToxiproxyDriver({ url: running.url, prefix: 'driver-' });
    }
  });
  afterAll(async () => {
    await closeAll();
    await running?.stop();
  });

  check('creates, poisons, heals, switches off and on, and cleans up', async () => {
    const upstream = (await echo()).address;
    const made = await driver.create({ name: 'p', upstream });
    expect(made).toEqual({
      name: 'p',
      listen: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      upstream,
      enabled: true,
      toxics: [],
    });
    const client = await open(made.listen);
    const toxic = await driver.addToxic('p', {
      name: 'l',
      type: 'latency',
      attributes: { latency: 600_000 },
    });
    expect(toxic).toEqual({
      name: 'l',
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
      attributes: { latency: 600_000, jitter: 0 },
    });
    client.send('hello');
    const changed = await driver.updateToxic('p', 'l', { attributes: { latency: 0 } });
    expect(changed.attributes).toEqual({ latency: 0, jitter: 0 });
    await client.untilText('hello');
    await driver.removeToxic('p', 'l');
    expect(await driver.list()).toEqual([made]);
    expect(await driver.setEnabled('p', false)).toEqual({ ...made, enabled: false });
    await client.untilEnded();
    expect(await driver.setEnabled('p', true)).toEqual(made);
    await driver.create({ name: 'q', upstream, enabled: false });
    await driver.delete('p');
    expect((await driver.list()).map(({ name }) => name)).toEqual(['q']);
    await driver.close();
    expect(await driver.list()).toEqual([]);
  });
});
