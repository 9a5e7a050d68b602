/** How connections end: in order, by half, by a reset, because the proxy goes down; seen from both sides. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { FOREVER_MS, rigOf, SLACK_MS, STREAMS, timed } from './conformance-rig.ts';
import { keep, open } from './servers.ts';
import { cannotWatchDials, stuckServer } from './stuck-server.ts';
import { SUBJECTS } from './subjects.ts';

describe.each(SUBJECTS)('ends through $title', (kind) => {
  const { check, client, proxy, addresses, proxyTo, add, connect } = rigOf(kind);
  const isOurs = kind.name === 'embedded';

  describe.each(STREAMS)('%s', (stream) => {
    check('an end passes as an end, behind the bytes', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      sender.socket.end('bye');
      expect(await receiver.untilEnded()).toBe('end');
      expect(got()).toBe('bye');
    });

    check('a reset passes as a reset in ours, as an end in the original [reset]', async () => {
      const { sender, receiver } = await connect(stream, true);
      sender.socket.resetAndDestroy();
      expect(await receiver.untilEnded()).toBe(isOurs ? 'reset' : 'end');
    });

    check('a reset is told though bytes came before it [reset]', async () => {
      const { sender, receiver, got } = await connect(stream, true);
      sender.send('hello');
      await receiver.until(() => got() === 'hello');
      sender.socket.resetAndDestroy();
      expect(await receiver.untilEnded()).toBe(isOurs ? 'reset' : 'end');
    });

    check(
      'after an end the other direction goes on in ours, and is closed in the original [half-close]',
      async () => {
        const { sender, receiver } = await connect(stream, true);
        sender.socket.end();
        expect(await receiver.untilEnded()).toBe('end');
        receiver.socket.end('answer');
        await sender.untilEnded();
        expect(sender.text.endsWith('answer')).toBe(isOurs);
      },
    );

    check('both ends at once close both sides', async () => {
      const { sender, receiver } = await connect(stream, true);
      sender.socket.end();
      receiver.socket.end();
      await Promise.all([sender.untilEnded(), receiver.untilEnded()]);
    });

    check('a reset behind latency waits for nothing in the other direction', async () => {
      await add('latency', { latency: FOREVER_MS }, { stream });
      const { sender, receiver } = await connect(stream);
      sender.socket.resetAndDestroy();
      expect(await receiver.untilEnded()).toBe(isOurs ? 'reset' : 'end');
    });
  });

  check('an upstream that is not there is an orderly end for the client', async () => {
    const gone = await keep();
    await gone.close();
    await proxyTo(gone.address);
    expect(await (await open(proxy().listen)).untilEnded()).toBe('end');
  });

  check('an upstream that is no address is an orderly end for the client', async () => {
    await proxyTo('nonsense');
    expect(await (await open(proxy().listen)).untilEnded()).toBe('end');
  });

  const goDown = {
    'that is disabled': () => proxy().update({ ...addresses(), enabled: false }),
    'that gets another upstream': () =>
      proxy().update({ ...addresses(), upstream: '127.0.0.1:9', enabled: true }),
    'that is removed': async () => {
      const { name, listen, upstream } = proxy();
      await proxy().remove();
      // The rig removes it, too.
      await client().createProxy({ name, listen, upstream, enabled: false });
    },
  };

  check.each(Object.entries(goDown))(
    'a proxy %s ends its connections in order, both sides',
    async (_, act) => {
      const { sender, receiver } = await connect('upstream', true);
      await act();
      expect(await sender.untilEnded()).toBe('end');
      expect(await receiver.untilEnded()).toBe('end');
    },
  );

  check.each(Object.entries(goDown))('a proxy %s drops what its toxics hold', async (_, act) => {
    const { sender, receiver, got } = await connect('upstream', true);
    await add('latency', { latency: FOREVER_MS }, { stream: 'upstream' });
    sender.send('held');
    await act();
    await receiver.untilEnded();
    expect(got()).toBe('');
  });

  const why = cannotWatchDials === undefined ? '' : ` (skipped: ${cannotWatchDials})`;
  test.skipIf(kind.isMissing || cannotWatchDials !== undefined)(
    `upstreams are dialled side by side in ours, one by one in the original${why} [dialling]`,
    async () => {
      const stuck = await stuckServer();
      try {
        await proxyTo(stuck.address);
        await open(proxy().listen);
        await open(proxy().listen);
        while (stuck.dialCount() < (isOurs ? 2 : 1)) await sleep(5);
        if (!isOurs) {
          // Long enough for a second dial, which never comes.
          await sleep(200);
          expect(stuck.dialCount()).toBe(1);
        }
      } finally {
        await stuck.close();
      }
    },
  );

  check('a proxy that gets another upstream sends new connections there', async () => {
    const other = await keep();
    await proxy().update({ ...addresses(), upstream: other.address, enabled: true });
    const opened = await open(proxy().listen);
    opened.send('hello');
    await (await other.first).untilText('hello');
  });

  check('toxics outlive a proxy that goes down and comes up', async () => {
    await add('latency', { latency: 120 }, { stream: 'upstream' });
    await proxy().update({ ...addresses(), enabled: false });
    await proxy().update({ ...addresses(), enabled: true });
    const { sender, receiver } = await connect('upstream');
    const ms = await timed(async () => {
      sender.send('hello');
      await receiver.untilText('hello');
    });
    expect(ms).toBeGreaterThanOrEqual(120 - SLACK_MS);
  });

  check('reset ends what toxics do on open connections, and brings up what is down', async () => {
    const { sender, receiver, got } = await connect('downstream', true);
    await add('latency', { latency: FOREVER_MS });
    await add('bandwidth', { rate: 1 });
    sender.send('held');
    const down = await client().createProxy({
      name: 'down',
      listen: '127.0.0.1:0',
      upstream: '127.0.0.1:9',
      enabled: false,
    });
    await client().reset();
    await receiver.until(() => got() === 'held');
    expect(await client().get('down')).toMatchObject({ enabled: true });
    await down.remove();
  });
});
