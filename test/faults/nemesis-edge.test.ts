import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findToxiproxy } from '../../harness/proxy/toxiproxy-process.ts';
import { startEnvironment } from '../../harness/environment/environment.ts';
import type { Environment } from '../../harness/environment/types.ts';
import {
  balanceOf,
  optionsFor,
  provision,
  redeem,
  redeemUntilDone,
  testFolder,
} from '../environment/support.ts';
import { endless, leftovers, scheduleOf, shown, startNemesis } from './nemesis-support.ts';

const folder = testFolder();

const CONNECTION_FAULTS = [
  ['latency', { latency: 20, jitter: 5 }],
  ['bandwidth', { rate: 5 }],
  ['slow_close', { delay: 50 }],
  ['timeout', { timeout: 0 }],
  ['reset_peer', { timeout: 0 }],
  ['slicer', { average_size: 16, size_variation: 4, delay: 100 }],
  ['limit_data', { bytes: 50 }],
  ['down', {}],
] as const;

describe.each(['embedded', 'toxiproxy'] as const)(
  'faults on the connections to a replica, by %s',
  (proxy) => {
    const isThere = proxy === 'embedded' || findToxiproxy() !== undefined;
    const why = isThere ? '' : ' (skipped: toxiproxy-server is not installed)';

    describe.skipIf(!isThere)(`memory store${why}`, () => {
      let environment: Environment;
      beforeAll(async () => {
        const own = join(folder, proxy);
        mkdirSync(own);
        environment = await startEnvironment(optionsFor(own, { proxy }));
      });
      afterAll(() => environment.close());

      test('two toxics of one link are on together where the proxy bears it, else one after the other', async () => {
        const one = { action: 'latency', where: 'edge', replica: 1, detail: { latency: 1 } } as const;
        const { nemesis, events, seen } = startNemesis(
          environment,
          scheduleOf([
            { ...endless(one), id: 'first', durationMs: 200 },
            { ...endless({ ...one, action: 'bandwidth', detail: { rate: 100 } }), id: 'second', startMs: 1 },
          ]),
        );
        await seen(3);
        await nemesis.heal();
        const order = events.slice(0, 3).map(({ id, phase }) => `${phase} ${id}`);
        expect(order).toEqual(
          proxy === 'embedded'
            ? ['start first', 'start second', 'end first']
            : ['start first', 'end first', 'start second'],
        );
        expect(nemesis.problems).toEqual([]);
        expect(await leftovers(environment)).toEqual([]);
      });

      test.each(CONNECTION_FAULTS)(
        '%s is told with start and end, and nothing of it is left',
        async (action, detail) => {
          const { nemesis, events, seen } = startNemesis(
            environment,
            scheduleOf([endless({ action, where: 'edge', replica: 1, detail })]),
          );
          await seen(1);
          await nemesis.heal();
          expect(shown(events)).toEqual([
            `start ${action} (edge) replica-1`,
            `end ${action} (edge) replica-1`,
          ]);
          expect(events[0]?.detail).toEqual({ rule: action, ...detail });
          expect(nemesis.problems).toEqual([]);
          expect(await leftovers(environment)).toEqual([]);
          await provision(environment, `after-${action}`, 1000);
          expect((await redeem(environment, `after-${action}`, `key-${action}`)).status).toBe(200);
        },
      );

      test('request faults are placed at the hop, and a second heal does nothing more', async () => {
        const toxic = {
          name: 'lost-answer',
          type: 'http_lose_answer',
          attributes: { rule: 'lost-answer', attempts: [1], how: 'reset' },
        };
        const { nemesis, events } = startNemesis(environment, scheduleOf([], [{ kind: 'edge', toxic }]));
        await provision(environment, 'unlucky', 1000);
        await expect(redeem(environment, 'unlucky', 'key-unlucky', 'u-1.1')).rejects.toThrow();
        expect((await redeem(environment, 'unlucky', 'key-unlucky', 'u-1.2')).status).toBe(200);
        expect(await balanceOf(environment, 'unlucky')).toBe(880);
        await nemesis.heal();
        await nemesis.heal();
        expect(shown(events)).toEqual([
          'start http_lose_answer (edge) hop',
          'end http_lose_answer (edge) hop',
        ]);
        expect(await leftovers(environment)).toEqual([]);
      });

      test('a crash armed at after-debit is a fault of the server, and the redemption is finished by a retry', async () => {
        const toxic = {
          name: 'crash',
          type: 'http_arm',
          attributes: { rule: 'crash', attempts: [1], point: 'after-debit', action: 'crash' },
        };
        const { nemesis, events, seen } = startNemesis(
          environment,
          scheduleOf([], [{ kind: 'server', toxic }]),
        );
        await provision(environment, 'crashed', 1000);
        // Wherever the hop sends it: the point is armed at that replica.
        expect(await redeemUntilDone(environment, 'crashed', 'key-crashed')).toBeGreaterThan(1);
        await seen(2);
        await nemesis.heal();
        expect(events.map(({ phase, name, kind }) => `${phase} ${name} (${kind})`)).toEqual([
          'start crash:after-debit (server)',
          'end crash:after-debit (server)',
        ]);
        expect(events[0]).toMatchObject({
          id: 'crash#1',
          detail: { point: 'after-debit', customer: 'crashed', key: 'key-crashed' },
        });
        expect(await balanceOf(environment, 'crashed')).toBe(880);
        expect(await leftovers(environment)).toEqual([]);
      });
    });
  },
);

test('a process fault has no effect where there is no process', async () => {
  const own = join(folder, 'no-process');
  mkdirSync(own);
  const environment = await startEnvironment(optionsFor(own, { replicas: 1 }));
  try {
    const { nemesis, events } = startNemesis(
      environment,
      scheduleOf([
        endless({ action: 'kill', where: 'replica', replica: 1 }),
        endless({ action: 'pause', where: 'store' }),
        endless({ action: 'down', where: 'store-path', replica: 1 }),
        endless({ action: 'down', where: 'edge', replica: 7 }),
      ]),
    );
    await nemesis.heal();
    expect(events).toEqual([]);
  } finally {
    await environment.close();
  }
});
