/** Every toxic in both directions: there before the connection, added to an open one, changed on it, removed from it. */
import { describe, expect } from 'vitest';
import { FOREVER_MS, rigOf, SLACK_MS, STREAMS, timed, type Attributes } from './conformance-rig.ts';
import { echo, open } from './servers.ts';
import { SUBJECTS } from './subjects.ts';

/** 50 days: more than Node's timers can wait. */
const FIFTY_DAYS_MS = 50 * 24 * 3_600_000;
const LARGE = 'abcdefghij'.repeat(30_000);

describe.each(SUBJECTS)('streams through $title', (kind) => {
  const { check, proxy, proxyTo, add, change, connect } = rigOf(kind);
  const isOurs = kind.name === 'embedded';
  const ours = isOurs ? check : undefined;

  describe.each(STREAMS)('%s, a toxic that was there first:', (stream) => {
    check('latency delays the bytes, and the end behind them', async () => {
      await add('latency', { latency: 120 }, { stream });
      const { sender, receiver } = await connect(stream);
      const ms = await timed(async () => {
        sender.socket.end('bye');
        expect(await receiver.untilEnded()).toBe('end');
      });
      expect(receiver.text).toBe('bye');
      expect(ms).toBeGreaterThanOrEqual(120 - SLACK_MS);
    });

    check('latency with jitter delays by at least their difference', async () => {
      await add('latency', { latency: 120, jitter: 40 }, { stream });
      const { sender, receiver } = await connect(stream);
      const ms = await timed(async () => {
        sender.send('bye');
        await receiver.untilText('bye');
      });
      expect(ms).toBeGreaterThanOrEqual(80 - SLACK_MS);
    });

    check('latency does not delay an end that comes alone', async () => {
      await add('latency', { latency: FOREVER_MS }, { stream });
      const { sender, receiver } = await connect(stream);
      sender.socket.end();
      expect(await receiver.untilEnded()).toBe('end');
    });

    check('bandwidth spreads bytes over time', async () => {
      await add('bandwidth', { rate: 100 }, { stream });
      const { sender, receiver } = await connect(stream);
      const sent = 'abcdefghij'.repeat(3000);
      const ms = await timed(async () => {
        sender.send(sent);
        await receiver.until(({ byteCount }) => byteCount >= sent.length);
      });
      expect(receiver.text).toBe(sent);
      expect(ms).toBeGreaterThanOrEqual(300 - 4 * SLACK_MS);
    });

    check('bandwidth passes pieces of a tenth of a second', async () => {
      const toxic = await add('bandwidth', { rate: 1 }, { stream });
      const { sender, receiver } = await connect(stream);
      const ms = await timed(async () => {
        sender.send(LARGE);
        await receiver.until(({ byteCount }) => byteCount > 0);
      });
      expect(ms).toBeGreaterThanOrEqual(100 - SLACK_MS);
      // One piece; a late reader may find several.
      expect(receiver.byteCount % 100).toBe(0);
      expect(receiver.byteCount).toBeLessThan(LARGE.length);
      await toxic.remove();
    });

    check('slicer cuts bytes into pieces, a pause between them', async () => {
      await add('slicer', { average_size: 100, size_variation: 0, delay: 10_000 }, { stream });
      const { sender, receiver } = await connect(stream);
      const sent = 'abcdefghij'.repeat(100);
      const ms = await timed(async () => {
        sender.send(sent);
        await receiver.until(({ byteCount }) => byteCount >= sent.length);
      });
      expect(receiver.text).toBe(sent);
      // 1000 bytes are halved four times: 16 pieces, 15 pauses.
      expect(ms).toBeGreaterThanOrEqual(150 - 15 * SLACK_MS);
    });

    check('slicer keeps its pause between what was sent apart', async () => {
      await add('slicer', { average_size: 100, size_variation: 0, delay: 40_000 }, { stream });
      const { sender, receiver } = await connect(stream);
      const ms = await timed(async () => {
        for (const [index, text] of ['a', 'b', 'c', 'd'].entries()) {
          sender.send(text);
          await receiver.until(({ byteCount }) => byteCount > index);
        }
      });
      // Three pauses between four pieces, however the chunks came.
      expect(ms).toBeGreaterThanOrEqual(120 - 3 * SLACK_MS);
    });

    check('slicer halves until a piece is near the average', async () => {
      const toxic = await add(
        'slicer',
        { average_size: 100, size_variation: 0, delay: FOREVER_MS * 1000 },
        { stream },
      );
      const { sender, receiver } = await connect(stream);
      const sent = 'abcdefghij'.repeat(100);
      sender.send(sent);
      await receiver.until(({ byteCount }) => byteCount > 0);
      expect(receiver.text).toBe(sent.slice(0, 62));
      await toxic.remove();
      await receiver.until(({ byteCount }) => byteCount >= sent.length);
      expect(receiver.text).toBe(sent);
    });

    check('limit_data passes so many bytes, then closes both ways', async () => {
      await add('limit_data', { bytes: 7 }, { stream });
      const { sender, receiver } = await connect(stream);
      sender.send('hello world');
      expect(await receiver.untilEnded()).toBe('end');
      expect(receiver.text).toBe('hello w');
      receiver.socket.end();
      await sender.untilEnded();
    });

    check('limit_data closes at its last byte, not at the next one', async () => {
      await add('limit_data', { bytes: 7 }, { stream });
      const { sender, receiver } = await connect(stream);
      sender.send('hello w');
      await receiver.untilEnded();
      expect(receiver.text).toBe('hello w');
    });

    check('limit_data passes an end that comes before its limit', async () => {
      await add('limit_data', { bytes: 7 }, { stream });
      const { sender, receiver } = await connect(stream);
      sender.socket.end('hello');
      expect(await receiver.untilEnded()).toBe('end');
      expect(receiver.text).toBe('hello');
    });

    check('timeout drops the bytes and closes both ways after its time', async () => {
      await add('timeout', { timeout: 120 }, { stream });
      const start = performance.now();
      const { sender, receiver } = await connect(stream);
      sender.send('hello');
      expect(await receiver.untilEnded()).toBe('end');
      receiver.socket.end();
      await sender.untilEnded();
      expect(performance.now() - start).toBeGreaterThanOrEqual(120 - SLACK_MS);
      expect(receiver.text).toBe('');
    });

    check('timeout passes an end at once', async () => {
      await add('timeout', { timeout: 0 }, { stream });
      const { sender, receiver } = await connect(stream);
      sender.socket.end('hello');
      expect(await receiver.untilEnded()).toBe('end');
      expect(receiver.text).toBe('');
    });

    check('slow_close delays the end, not the bytes', async () => {
      await add('slow_close', { delay: 120 }, { stream });
      const { sender, receiver } = await connect(stream);
      const ms = await timed(async () => {
        sender.socket.end('bye');
        await receiver.untilText('bye');
        expect(await receiver.untilEnded()).toBe('end');
      });
      expect(ms).toBeGreaterThanOrEqual(120 - SLACK_MS);
    });

    check('reset_peer resets both sides so long after the first bytes, and drops them', async () => {
      await add('reset_peer', { timeout: 120 }, { stream });
      const { sender, receiver } = await connect(stream);
      const ms = await timed(async () => {
        sender.send('hello');
        expect(await receiver.untilEnded()).toBe('reset');
        expect(await sender.untilEnded()).toBe('reset');
      });
      expect(ms).toBeGreaterThanOrEqual(120 - SLACK_MS);
      expect(receiver.text).toBe('');
    });

    check('reset_peer makes an end a reset', async () => {
      await add('reset_peer', { timeout: 0 }, { stream });
      const { sender, receiver } = await connect(stream);
      sender.socket.end();
      expect(await receiver.untilEnded()).toBe('reset');
    });

    const other = stream === 'upstream' ? 'downstream' : 'upstream';
    check.each([
      ['latency', { latency: FOREVER_MS }],
      ['bandwidth', { rate: 1 }],
      ['slicer', { average_size: 1, size_variation: 0, delay: 1_000_000 }],
      ['limit_data', { bytes: 0 }],
      ['timeout', { timeout: 0 }],
      ['slow_close', { delay: FOREVER_MS }],
      ['reset_peer', { timeout: FOREVER_MS }],
    ])('%s leaves the bytes of the other direction alone', async (type, attributes: Attributes) => {
      await add(type, attributes, { stream: other });
      const { sender, receiver } = await connect(stream);
      sender.send(LARGE);
      await receiver.until(({ byteCount }) => byteCount >= LARGE.length);
      expect(receiver.text).toBe(LARGE);
    });
  });

  describe.each(STREAMS)('%s, added to an open connection:', (stream) => {
    check.each([
      ['latency', { latency: 120 }, 120],
      ['bandwidth', { rate: 200 }, 150],
      ['slicer', { average_size: 4000, size_variation: 0, delay: 20_000 }, 140],
    ])('%s delays, and loses nothing', async (type, attributes: Attributes, atLeastMs) => {
      const { sender, receiver, got } = await connect(stream, true);
      await add(type, attributes, { stream });
      const sent = 'abcdefghij'.repeat(3000);
      const ms = await timed(async () => {
        sender.send(sent);
        await receiver.until(() => got().length >= sent.length);
      });
      expect(got()).toBe(sent);
      expect(ms).toBeGreaterThanOrEqual(atLeastMs - 8 * SLACK_MS);
    });

    check('limit_data counts from then on', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      await add('limit_data', { bytes: 5 }, { stream });
      sender.send('hello world');
      expect(await receiver.untilEnded()).toBe('end');
      expect(got()).toBe('hello');
    });

    check('timeout drops and closes', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      const start = performance.now();
      await add('timeout', { timeout: 120 }, { stream });
      sender.send('hello');
      await receiver.untilEnded();
      expect(performance.now() - start).toBeGreaterThanOrEqual(120 - SLACK_MS);
      expect(got()).toBe('');
    });

    check('slow_close delays the end', async () => {
      const { sender, receiver } = await connect(stream, true);
      await add('slow_close', { delay: 120 }, { stream });
      const ms = await timed(async () => {
        sender.socket.end('bye');
        expect(await receiver.untilEnded()).toBe('end');
      });
      expect(ms).toBeGreaterThanOrEqual(120 - SLACK_MS);
    });

    check('reset_peer closes: with a reset in ours, in order in the original [reset_peer]', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      await add('reset_peer', { timeout: 0 }, { stream });
      sender.send('hello');
      expect(await receiver.untilEnded()).toBe(isOurs ? 'reset' : 'end');
      expect(got()).toBe('');
    });
  });

  describe.each(STREAMS)('%s, changed on an open connection:', (stream) => {
    check('latency that shrinks lets go what it held', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add('latency', { latency: FOREVER_MS }, { stream });
      sender.send('hello');
      await change(toxic, { latency: 0 });
      await receiver.until(() => got() === 'hello');
    });

    check('latency that grows delays what comes', async () => {
      const { sender, receiver } = await connect(stream, true);
      const toxic = await add('latency', { latency: 0 }, { stream });
      await change(toxic, { latency: 120 });
      const ms = await timed(async () => {
        sender.send('hello');
        await receiver.untilText('hello');
      });
      expect(ms).toBeGreaterThanOrEqual(120 - SLACK_MS);
    });

    check.each([
      ['bandwidth', { rate: 1 }, { rate: 100_000 }],
      ['slicer', { average_size: 100, size_variation: 0, delay: 1_000_000 }, { delay: 0 }],
    ])(
      '%s that gets fast hands over what it held, in order',
      async (type, slow: Attributes, fast: Attributes) => {
        const { sender, receiver, got } = await connect(stream, true);
        const toxic = await add(type, slow, { stream });
        sender.send(LARGE);
        await change(toxic, fast);
        await receiver.until(() => got().length >= LARGE.length);
        expect(got()).toBe(LARGE);
      },
    );

    check('bandwidth that gets slow spreads what comes', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add('bandwidth', { rate: 100_000 }, { stream });
      await change(toxic, { rate: 200 });
      const sent = 'abcdefghij'.repeat(3000);
      const ms = await timed(async () => {
        sender.send(sent);
        await receiver.until(() => got().length >= sent.length);
      });
      expect(got()).toBe(sent);
      expect(ms).toBeGreaterThanOrEqual(150 - 3 * SLACK_MS);
    });

    check('slicer that gets finer slices what comes', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add(
        'slicer',
        { average_size: 100_000, size_variation: 0, delay: 20_000 },
        { stream },
      );
      await change(toxic, { average_size: 250 });
      const ms = await timed(async () => {
        sender.send('abcdefghij'.repeat(100));
        await receiver.until(() => got().length >= 1000);
      });
      // 4 pieces, 3 pauses.
      expect(ms).toBeGreaterThanOrEqual(60 - 3 * SLACK_MS);
    });

    check('slow_close that waits already takes its new time', async () => {
      const { sender, receiver } = await connect(stream, true);
      const toxic = await add('slow_close', { delay: FOREVER_MS }, { stream });
      sender.socket.end('bye');
      await receiver.untilText('bye');
      await change(toxic, { delay: 0 });
      expect(await receiver.untilEnded()).toBe('end');
    });

    check.each([0, FOREVER_MS])('timeout of %i takes its new time', async (before) => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add('timeout', { timeout: before }, { stream });
      sender.send('hello');
      const start = performance.now();
      await change(toxic, { timeout: 120 });
      await receiver.untilEnded();
      expect(performance.now() - start).toBeGreaterThanOrEqual(120 - SLACK_MS);
      expect(got()).toBe('');
    });

    check('reset_peer that has met no byte yet takes its new time', async () => {
      const toxic = await add('reset_peer', { timeout: FOREVER_MS }, { stream });
      const { sender, receiver } = await connect(stream);
      await change(toxic, { timeout: 0 });
      sender.send('hello');
      expect(await receiver.untilEnded()).toBe('reset');
    });

    ours?.('reset_peer that waits already takes its new time [reset_peer]', async () => {
      const toxic = await add('reset_peer', { timeout: FOREVER_MS }, { stream });
      const { sender, receiver } = await connect(stream);
      sender.send('hello');
      await change(toxic, { timeout: 0 });
      expect(await receiver.untilEnded()).toBe('reset');
    });

    check('limit_data counts on: raised', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add('limit_data', { bytes: 3 }, { stream });
      sender.send('ab');
      await receiver.until(() => got() === 'ab');
      await change(toxic, { bytes: 6 });
      sender.send('cdefgh');
      await receiver.untilEnded();
      expect(got()).toBe('abcdef');
    });

    check('limit_data counts on: lowered below what has passed', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add('limit_data', { bytes: 100 }, { stream });
      sender.send('hello');
      await receiver.until(() => got() === 'hello');
      await change(toxic, { bytes: 1 });
      expect(receiver.ended).toBe(undefined);
      sender.send('world');
      await receiver.untilEnded();
      expect(got()).toBe('hello');
    });
  });

  describe.each(STREAMS)('%s, removed from an open connection:', (stream) => {
    check.each([
      ['latency', { latency: FOREVER_MS }],
      ['bandwidth', { rate: 1 }],
      ['slicer', { average_size: 100, size_variation: 0, delay: 1_000_000 }],
    ])('%s hands over what it held, in order, and what comes', async (type, attributes: Attributes) => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add(type, attributes, { stream });
      sender.send(LARGE);
      await toxic.remove();
      sender.send('.');
      await receiver.until(() => got().endsWith('.'));
      expect(got()).toBe(`${LARGE}.`);
    });

    check.each([
      ['limit_data', { bytes: 3 }],
      ['slow_close', { delay: FOREVER_MS }],
      ['reset_peer', { timeout: FOREVER_MS }],
      ['latency', { latency: FOREVER_MS }],
    ])('%s leaves no trace', async (type, attributes: Attributes) => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add(type, attributes, { stream });
      await toxic.remove();
      sender.socket.end('hello');
      expect(await receiver.untilEnded()).toBe('end');
      expect(got()).toBe('hello');
    });

    check('slow_close lets an end go that waits', async () => {
      const { sender, receiver } = await connect(stream, true);
      const toxic = await add('slow_close', { delay: FOREVER_MS }, { stream });
      sender.socket.end('bye');
      await receiver.untilText('bye');
      await toxic.remove();
      expect(await receiver.untilEnded()).toBe('end');
    });

    check('timeout closes, since bytes are missing', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      const toxic = await add('timeout', { timeout: 0 }, { stream });
      sender.send('hello');
      await toxic.remove();
      await receiver.untilEnded();
      expect(got()).toBe('');
    });

    check('one of three leaves the others in their order', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      await add('latency', { latency: 60 }, { stream, name: 'first' });
      const gone = await add('limit_data', { bytes: 0 }, { stream, name: 'gone' });
      await add('limit_data', { bytes: 3 }, { stream, name: 'last' });
      await gone.remove();
      const ms = await timed(async () => {
        sender.send('hello');
        await receiver.untilEnded();
      });
      expect(got()).toBe('hel');
      expect(ms).toBeGreaterThanOrEqual(60 - SLACK_MS);
    });
  });

  check('a toxicity between 0 and 1 hits some connections and leaves others', async () => {
    await proxyTo((await echo()).address);
    await add('limit_data', { bytes: 0 }, { toxicity: 0.5 });
    const texts = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const opened = await open(proxy().listen);
        opened.send('hello');
        await opened.until(({ ended, text }) => ended !== undefined || text === 'hello');
        return opened.text;
      }),
    );
    // All or none of 40: once in 2^39 runs.
    expect(new Set(texts)).toEqual(new Set(['', 'hello']));
  });

  check.each([
    ['latency', { latency: FIFTY_DAYS_MS }],
    ['timeout', { timeout: FIFTY_DAYS_MS }],
    ['reset_peer', { timeout: FIFTY_DAYS_MS }],
    ['slow_close', { delay: FIFTY_DAYS_MS }],
  ])('%s of 50 days does not end at once', async (type, attributes: Attributes) => {
    const { sender, receiver, got } = await connect('downstream', true);
    await add(type, attributes, { stream: 'downstream' });
    await add('latency', { latency: 50 }, { stream: 'upstream', name: 'beside' });
    if (type === 'slow_close') sender.socket.end();
    else sender.send('hello');
    // Bytes that take 50 ms the other way: a wait that overflowed to nothing would be over.
    receiver.send('beside');
    await sender.untilText('beside');
    expect(got()).toBe('');
    expect([receiver.ended, sender.ended]).toEqual([undefined, undefined]);
  });
});
