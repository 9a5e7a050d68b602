import { beforeEach, describe, expect } from 'vitest';
import { FOREVER_MS, rigOf, SLACK_MS, timed } from './conformance-rig.ts';
import { echo, open, serve, type TestClient } from './servers.ts';
import { SUBJECTS } from './subjects.ts';

describe.each(SUBJECTS)('the toxics of $title', (kind) => {
  const { check, client, proxy, addresses, proxyTo, add, change } = rigOf(kind);
  /** Where the original does something else, or dies of it. */
  const ours = kind.name === 'embedded' ? check : undefined;

  beforeEach(async () => {
    if (!kind.isMissing) await proxyTo((await echo()).address);
  });

  /** Opens a connection and proves that it reaches the server. */
  async function connected(): Promise<TestClient> {
    const opened = await open(proxy().listen);
    opened.send('hello');
    await opened.untilText('hello');
    return opened;
  }

  check('without a toxic every byte passes both ways', async () => {
    const sent = Buffer.alloc(3_000_000, 'abcdefghijklmnopqrstuvwxyz');
    const opened = await open(proxy().listen);
    opened.send(sent);
    await opened.until(({ byteCount }) => byteCount >= sent.length);
    expect(Buffer.concat(opened.chunks.map(({ data }) => data)).equals(sent)).toBe(true);
  });

  check('a client that reads late loses nothing', async () => {
    const sent = Buffer.alloc(20_000_000, 'abcdefghijklmnopqrstuvwxyz');
    await proxyTo((await serve((socket) => socket.end(sent))).address);
    const opened = await open(proxy().listen);
    opened.socket.pause();
    setTimeout(() => opened.socket.resume(), 200);
    await opened.untilEnded();
    expect(opened.byteCount).toBe(sent.length);
  });

  check("the server's end passes after its last byte", async () => {
    await proxyTo((await serve((socket) => socket.end('bye'))).address);
    const opened = await open(proxy().listen);
    expect(await opened.untilEnded()).toBe('end');
    expect(opened.text).toBe('bye');
  });

  check('an upstream that is not there closes the client', async () => {
    const gone = await echo();
    await gone.close();
    await proxyTo(gone.address);
    expect(await (await open(proxy().listen)).untilEnded()).not.toBe('refused');
  });

  describe('enabled: false', () => {
    check('refuses new connections and closes the open ones', async () => {
      const opened = await connected();
      await proxy().update({ ...addresses(), enabled: false });
      await opened.untilEnded();
      expect(await (await open(proxy().listen)).untilEnded()).toBe('refused');
    });

    check('ends with enabled: true', async () => {
      await proxy().update({ ...addresses(), enabled: false });
      await proxy().update({ ...addresses(), enabled: true });
      await connected();
    });
  });

  describe('latency', () => {
    check.each(['upstream', 'downstream'])('delays %s', async (stream) => {
      await add('latency', { latency: 120 }, { stream });
      expect(await timed(connected)).toBeGreaterThanOrEqual(120 - SLACK_MS);
    });

    check('of both directions adds up', async () => {
      await add('latency', { latency: 60 }, { stream: 'upstream', name: 'up' });
      await add('latency', { latency: 60 }, { name: 'down' });
      expect(await timed(connected)).toBeGreaterThanOrEqual(120 - 2 * SLACK_MS);
    });

    check('with jitter keeps the order', async () => {
      await add('latency', { latency: 20, jitter: 20 });
      const opened = await open(proxy().listen);
      const sent = Array.from({ length: 30 }, (_, index) => `<${index}>`);
      for (const part of sent) {
        opened.send(part);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await opened.untilText('<29>')).toBe(sent.join(''));
    });
  });

  describe('bandwidth', () => {
    check('spreads bytes over time and loses none', async () => {
      const sent = Buffer.alloc(50_000, 'x');
      await add('bandwidth', { rate: 250 });
      const opened = await open(proxy().listen);
      const ms = await timed(async () => {
        opened.send(sent);
        await opened.until(({ byteCount }) => byteCount >= sent.length);
      });
      expect(opened.byteCount).toBe(sent.length);
      expect(ms).toBeGreaterThanOrEqual(200 - 3 * SLACK_MS);
    });

    ours?.('of 0 is no limit [bandwidth 0]', async () => {
      await add('bandwidth', { rate: 0 });
      await connected();
    });
  });

  describe('slow_close', () => {
    check('delays the end, not the data', async () => {
      await proxyTo((await serve((socket) => socket.end('bye'))).address);
      await add('slow_close', { delay: 150 });
      const opened = await open(proxy().listen);
      await opened.untilText('bye');
      const came = opened.chunks[0]?.at ?? 0;
      await opened.untilEnded();
      expect(performance.now() - came).toBeGreaterThanOrEqual(150 - 2 * SLACK_MS);
    });

    check('removed while it waits closes at once', async () => {
      await proxyTo((await serve((socket) => socket.end('bye'))).address);
      const toxic = await add('slow_close', { delay: FOREVER_MS });
      const opened = await open(proxy().listen);
      await opened.untilText('bye');
      await toxic.remove();
      expect(await opened.untilEnded()).toBe('end');
    });
  });

  describe('timeout', () => {
    check('drops the data and closes after its time', async () => {
      await add('timeout', { timeout: 120 });
      const ms = await timed(async () => {
        const opened = await open(proxy().listen);
        opened.send('hello');
        await opened.untilEnded();
        expect(opened.text).toBe('');
      });
      expect(ms).toBeGreaterThanOrEqual(120 - SLACK_MS);
    });

    check('of 0 drops the data, and its removal closes', async () => {
      const opened = await connected();
      const toxic = await add('timeout', { timeout: 0 });
      opened.send('again');
      await toxic.remove();
      await opened.untilEnded();
      expect(opened.text).toBe('hello');
    });

    ours?.('closes after its time though data keep coming [timeout runs on]', async () => {
      await add('timeout', { timeout: 150 });
      const opened = await open(proxy().listen);
      const sending = setInterval(() => opened.send('more'), 30);
      await opened.untilEnded();
      clearInterval(sending);
    });

    check('removed leaves alone whom it had not hit, in ours [timeout removed]', async () => {
      const toxic = await add('timeout', { timeout: 0 }, { toxicity: 0 });
      const opened = await connected();
      await toxic.remove();
      opened.send('again');
      if (kind.name === 'embedded') await opened.untilText('again');
      else await opened.untilEnded();
    });
  });

  describe('reset_peer', () => {
    check('resets after the first data', async () => {
      await add('reset_peer', { timeout: 0 });
      const opened = await open(proxy().listen);
      opened.send('hello');
      expect(await opened.untilEnded()).toBe('reset');
      expect(opened.text).toBe('');
    });

    check('resets so long after the first data', async () => {
      await add('reset_peer', { timeout: 120 });
      const opened = await open(proxy().listen);
      opened.send('hello');
      expect(await timed(() => opened.untilEnded())).toBeGreaterThanOrEqual(120 - SLACK_MS);
      expect(opened.ended).toBe('reset');
    });

    check('on an open connection is a reset in ours, an end in the original [reset_peer]', async () => {
      const opened = await connected();
      await add('reset_peer', { timeout: 0 });
      opened.send('again');
      expect(await opened.untilEnded()).toBe(kind.name === 'embedded' ? 'reset' : 'end');
    });

    check('at toxicity 0 does nothing in ours [reset_peer]', async () => {
      await proxyTo((await serve((socket) => socket.on('data', () => socket.end('bye')))).address);
      await add('reset_peer', { timeout: 0 }, { toxicity: 0 });
      const opened = await open(proxy().listen);
      opened.send('hello');
      const ended = await opened.untilEnded();
      if (kind.name === 'embedded') expect(ended).toBe('end');
    });

    ours?.('removed in time hands over what it held [reset_peer]', async () => {
      const toxic = await add('reset_peer', { timeout: FOREVER_MS });
      const opened = await open(proxy().listen);
      opened.send('hello');
      await toxic.remove();
      await opened.untilText('hello');
    });
  });

  describe('slicer', () => {
    check('with a variation cuts pieces within it, and loses none', async () => {
      const toxic = await add('slicer', {
        average_size: 64,
        size_variation: 32,
        delay: FOREVER_MS * 1000,
      });
      const opened = await open(proxy().listen);
      const sent = 'abcdefghij'.repeat(100);
      opened.send(sent);
      await opened.until(({ byteCount }) => byteCount > 0);
      expect(opened.byteCount).toBeLessThanOrEqual(64 + 32);
      await toxic.remove();
      await opened.until(({ byteCount }) => byteCount >= sent.length);
      expect(opened.text).toBe(sent);
    });

    ours?.each([
      ['without attributes', {}],
      ['with a variation beyond the average', { average_size: 4, size_variation: 500, delay: 0 }],
      ['of single bytes', { average_size: 1, size_variation: 0, delay: 0 }],
    ])('%s passes every byte [slicer without attributes]', async (_, attributes) => {
      await add('slicer', attributes);
      const opened = await open(proxy().listen);
      const sent = 'abcdefghij'.repeat(60);
      opened.send(sent);
      await opened.until(({ byteCount }) => byteCount >= sent.length);
      expect(opened.text).toBe(sent);
    });
  });

  describe('limit_data', () => {
    check('passes so many bytes, then closes', async () => {
      await add('limit_data', { bytes: 7 });
      const opened = await open(proxy().listen);
      opened.send('hello world');
      await opened.untilEnded();
      expect(opened.text).toBe('hello w');
    });

    check('counts per connection', async () => {
      await add('limit_data', { bytes: 7 });
      for (const opened of [await open(proxy().listen), await open(proxy().listen)]) {
        opened.send('hello world');
        await opened.untilEnded();
        expect(opened.text).toBe('hello w');
      }
    });

    check('counts on over an update', async () => {
      const toxic = await add('limit_data', { bytes: 100 });
      const opened = await connected();
      await change(toxic, { bytes: 8 });
      opened.send('world');
      await opened.untilEnded();
      expect(opened.text).toBe('hellowor');
    });
  });

  describe('several toxics', () => {
    check('run in order of creation: the limit closes before the timeout sees anything', async () => {
      await add('limit_data', { bytes: 3 });
      await add('timeout', { timeout: FOREVER_MS });
      const opened = await open(proxy().listen);
      opened.send('hello');
      await opened.untilEnded();
      expect(opened.text).toBe('');
    });

    check('run in order of creation: a timeout leaves nothing for the limit', async () => {
      await add('timeout', { timeout: 150 });
      await add('limit_data', { bytes: 3 });
      const ms = await timed(async () => {
        const opened = await open(proxy().listen);
        opened.send('hello');
        await opened.untilEnded();
      });
      expect(ms).toBeGreaterThanOrEqual(150 - SLACK_MS);
    });

    check('pass every byte in order', async () => {
      await add('slicer', { average_size: 500, size_variation: 100, delay: 10 }, { name: 'slice' });
      await add('latency', { latency: 20, jitter: 10 }, { name: 'late' });
      await add('bandwidth', { rate: 500 }, { name: 'slow' });
      const sent = Array.from({ length: 4000 }, (_, index) => `${index},`).join('');
      const opened = await open(proxy().listen);
      opened.send(sent);
      await opened.until(({ byteCount }) => byteCount >= sent.length);
      expect(opened.text).toBe(sent);
    });
  });

  describe('on an open connection', () => {
    check('a toxic that is added acts', async () => {
      const opened = await connected();
      await add('latency', { latency: 120 });
      const ms = await timed(async () => {
        opened.send('again');
        await opened.untilText('again');
      });
      expect(ms).toBeGreaterThanOrEqual(120 - SLACK_MS);
    });

    check('a toxic that is changed acts anew, and lets go what it held', async () => {
      const toxic = await add('latency', { latency: FOREVER_MS }, { stream: 'upstream' });
      const opened = await open(proxy().listen);
      opened.send('hello');
      await change(toxic, { latency: 0 });
      await opened.untilText('hello');
    });

    check('a latency that is changed while bytes wait [update of latency]', async () => {
      const toxic = await add('latency', { latency: FOREVER_MS }, { stream: 'upstream' });
      const opened = await open(proxy().listen);
      const sentAt = performance.now();
      opened.send('hello');
      if (kind.name === 'embedded') {
        await change(toxic, { latency: 150 });
        await opened.untilText('hello');
        expect(performance.now() - sentAt).toBeGreaterThanOrEqual(150 - SLACK_MS);
        return;
      }
      // Each change lets the chunk go that waits, once there is one.
      while (opened.text === '') await change(toxic, { latency: FOREVER_MS });
      expect(opened.text).toBe('hello');
    });

    check('noop changes nothing', async () => {
      const opened = await connected();
      const toxic = await add('noop', {});
      opened.send('again');
      await opened.untilText('again');
      await toxic.remove();
      opened.send('and again');
      await opened.untilText('and again');
    });

    check.each([
      ['latency', { latency: FOREVER_MS }],
      ['bandwidth', { rate: 1 }],
      ['slicer', { average_size: 100, size_variation: 0, delay: 1_000_000 }],
    ])('%s that is removed hands over every byte that it held', async (type, attributes) => {
      const toxic = await add(type, attributes);
      const opened = await open(proxy().listen);
      const sent = 'abcdefghij'.repeat(3_000);
      opened.send(sent);
      await toxic.remove();
      opened.send('.');
      await opened.untilText('.');
      expect(opened.text).toBe(`${sent}.`);
    });

    check('toxicity 0 changes nothing', async () => {
      const opened = await connected();
      await add('timeout', { timeout: 0 }, { toxicity: 0 });
      opened.send('again');
      await opened.untilText('again');
    });

    check('toxicity that rises to 1 hits', async () => {
      const toxic = await add('limit_data', { bytes: 0 }, { toxicity: 0 });
      const opened = await connected();
      await toxic.update({ toxicity: 1 } as Parameters<typeof toxic.update>[0]);
      opened.send('again');
      await opened.untilEnded();
      expect(opened.text).toBe('hello');
    });

    check('reset lets everything pass again', async () => {
      const opened = await connected();
      await add('latency', { latency: FOREVER_MS });
      opened.send('again');
      await client().reset();
      await opened.untilText('again');
    });
  });

  describe('ends', () => {
    check('a half-close passes on in ours, and loses the answer in the original [half-close]', async () => {
      await proxyTo((await serve((socket) => socket.resume().on('end', () => socket.end('answer')))).address);
      const opened = await open(proxy().listen);
      opened.socket.end('question');
      await opened.untilEnded();
      expect(opened.text).toBe(kind.name === 'embedded' ? 'answer' : '');
    });

    check("a server's reset is a reset in ours, an end in the original [reset]", async () => {
      await proxyTo((await serve((socket) => socket.on('data', () => socket.resetAndDestroy()))).address);
      const opened = await open(proxy().listen);
      opened.send('hello');
      expect(await opened.untilEnded()).toBe(kind.name === 'embedded' ? 'reset' : 'end');
    });

    check("a client's end reaches the server", async () => {
      const ends: string[] = [];
      let tell = (): void => {};
      const told = new Promise<void>((resolve) => (tell = resolve));
      await proxyTo(
        (
          await serve((socket) =>
            socket.resume().on('end', () => {
              ends.push('end');
              tell();
            }),
          )
        ).address,
      );
      const opened = await open(proxy().listen);
      opened.socket.end('bye');
      await told;
      expect(ends).toEqual(['end']);
    });
  });
});
