import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEnvironment } from '../../harness/environment/environment.ts';
import { Keeper } from '../../harness/environment/keeper.ts';
import { nginxConfig, startNginx } from '../../harness/environment/nginx.ts';
import type { Environment } from '../../harness/environment/types.ts';
import type { ArrivalEvent } from '../../harness/history/events.ts';
import { NO_NGINX, readNginxLog } from '../support/nginx.ts';
import { balanceOf, isAlive, isListening, optionsFor, provision, redeem, testFolder } from './support.ts';

const folder = testFolder();
let runs = 0;

async function openBehind(lb: 'nginx' | 'nginx-non-idempotent') {
  const arrivals: ArrivalEvent[] = [];
  const workDir = join(folder, `run-${++runs}`);
  const environment = await startEnvironment(
    optionsFor(folder, { lb, workDir, onArrival: (arrival) => arrivals.push(arrival) }),
  );
  onTestFinished(() => environment.close());
  await provision(environment, 'cust_1', 1000);
  return { environment, arrivals, log: join(workDir, 'nginx.log') };
}

/** The first request of a fresh nginx goes to the first door. */
async function failAtFirstDoor(environment: Environment, type: string, attributes: object): Promise<void> {
  await environment.hopProxy.addToxic('door-1', { name: 'fails', type, attributes: { ...attributes } });
}

const FAILURES = [
  { name: 'a reset after the work', type: 'http_lose_answer', attributes: { how: 'reset' }, own: 502 },
  { name: 'silence after the work', type: 'http_lose_answer', attributes: { how: 'hang' }, own: 504 },
  { name: 'a request that was lost', type: 'http_lose_request', attributes: { how: 'reset' }, own: 502 },
  { name: 'a 503 after the work', type: 'http_answer', attributes: { status: 503, after: true }, own: 503 },
] as const;

describe(`nginx before two replicas${NO_NGINX === undefined ? '' : ` (skipped: ${NO_NGINX})`}`, () => {
  describe.skipIf(NO_NGINX !== undefined)('as a part of the environment', () => {
    test.each(FAILURES)('with non_idempotent it sends a POST again after $name', async (failure) => {
      const { environment, arrivals, log } = await openBehind('nginx-non-idempotent');
      await failAtFirstDoor(environment, failure.type, failure.attributes);
      expect((await redeem(environment, 'cust_1', 'key-1')).status).toBe(200);
      expect(arrivals.map(({ hop, attempt, copy }) => ({ hop, attempt, copy }))).toEqual([
        { hop: 'door-1', attempt: 'key-1.1', copy: 0 },
        { hop: 'door-2', attempt: 'key-1.1', copy: 0 },
      ]);
      expect(await balanceOf(environment, 'cust_1')).toBe(880);
      // Its log is written when the request is over for it, a moment after the client has the answer.
      await environment.close();
      expect(readNginxLog(log)).toMatchObject([{ method: 'POST', status: '200', attempt: 'key-1.1' }]);
      expect(readNginxLog(log)[0]?.asked).toHaveLength(2);
    });

    test.each(FAILURES)('without it answers in its own name after $name', async (failure) => {
      const { environment, arrivals } = await openBehind('nginx');
      await failAtFirstDoor(environment, failure.type, failure.attributes);
      const response = await fetch(`${environment.baseUrl}/api/v2/loyalty/rewards/redeem`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${environment.token}`,
          'content-type': 'application/json',
          'idempotency-key': 'key-1',
        },
        body: JSON.stringify({
          customer_id: 'cust_1',
          reward_id: 'reward_coffee',
          points_amount: 120,
          client_redemption_id: 'key-1',
        }),
      });
      expect(response.status).toBe(failure.own);
      expect(response.headers.get('onceproof-by')).toBe('proxy');
      expect(arrivals.map(({ hop }) => hop)).toEqual(['door-1']);
    });

    test('a crash point that is armed at a door is armed at the replica behind it', async () => {
      const { environment } = await openBehind('nginx-non-idempotent');
      const crashed: number[] = [];
      environment.subscribe((event) => void (event.event === 'crash' && crashed.push(event.replica)));
      const attributes = { point: 'after-debit', action: 'crash' };
      await environment.hopProxy.addToxic('door-2', { name: 'crash', type: 'http_arm', attributes });
      // In turn: the second one goes to the second door, dies there, and is sent to the first by nginx.
      await redeem(environment, 'cust_1', 'key-1');
      await redeem(environment, 'cust_1', 'key-2');
      expect(crashed).toEqual([2]);
    });

    test('it leaves no process, no port and no folder', async () => {
      const keeper = new Keeper(join(folder, 'keeper'));
      onTestFinished(() => keeper.close());
      const nginx = await startNginx({ ...plain, keeper });
      expect(await isListening(nginx.url)).toBe(true);
      expect(nginx.description).toMatch(/^nginx \d+\.\d+/);
      await nginx.close();
      await keeper.close();
      expect(isAlive(nginx.pid)).toBe(false);
      expect(await isListening(nginx.url)).toBe(false);
      expect(existsSync(join(folder, 'keeper', 'run.json'))).toBe(false);
    });

    test('one that does not come up says why, and is gone', async () => {
      const before = await ourFolders();
      const keeper = new Keeper(join(folder, 'keeper-2'));
      onTestFinished(() => keeper.close());
      await expect(startNginx({ ...plain, keeper, upstreams: ['127.0.0.1:0'] })).rejects.toThrow(
        /nginx did not come up on port \d+: .*invalid port in upstream/,
      );
      await keeper.close();
      expect((await ourFolders()).filter((name) => !before.includes(name))).toEqual([]);
    });
  });

  test('the configuration quotes the paths that it is given', () => {
    const config = nginxConfig('/tmp/a "b" $c', 8080, { ...plain, accessLog: '/tmp/d e' });
    expect(config).toContain(String.raw`pid "/tmp/a \"b\" \$c/nginx.pid";`);
    expect(config).toContain('access_log "/tmp/d e" account;');
  });
});

const plain = {
  onLog: () => {},
  upstreams: ['127.0.0.1:1'],
  repeatsPosts: false,
  accessLog: join(folder, 'plain.log'),
};

async function ourFolders(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('onceproof-nginx-'));
}
