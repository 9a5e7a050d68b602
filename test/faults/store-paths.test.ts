import { expect, test } from 'vitest';
import type { Environment } from '../../harness/environment/types.ts';
import { actOf } from '../../harness/faults/fault-acts.ts';
import type { TimedFault } from '../../harness/faults/timed-fault.ts';

const fault = (n: number, replica: number): TimedFault => ({
  id: `closed-store#${n}`,
  name: 'closed-store',
  kind: 'store-path',
  action: 'down',
  where: 'store-path',
  replica,
  startMs: 0,
  durationMs: 1,
  detail: {},
});

/** Two replicas, each before the stores that are named. */
function targets(...stores: readonly string[]): readonly (string | undefined)[] {
  const proxies = [1, 2].map((replica) => {
    const own = stores.map((name) => `store-${replica}-${name}`);
    return { edge: `edge-${replica}`, ...(own[0] !== undefined && { store: own[0], stores: own }) };
  });
  const environment = { proxies, replicas: [] } as unknown as Environment;
  return [1, 2, 3, 4, 5, 6].map((n) => actOf(fault(n, n % 2 === 1 ? 1 : 2), environment)?.target);
}

test('faults on the way to several stores meet each of them in turn, at each replica', () => {
  expect(targets('db', 'cache')).toEqual([
    ...['store-1-db', 'store-2-db', 'store-1-cache', 'store-2-cache', 'store-1-db', 'store-2-db'],
  ]);
});

test('with one store they meet that one, and without any there is no such fault', () => {
  expect(new Set(targets('db'))).toEqual(new Set(['store-1-db', 'store-2-db']));
  expect(new Set(targets())).toEqual(new Set([undefined]));
});
