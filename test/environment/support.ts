/** Parts that the environment's tests share: a folder of their own, and whether something was left behind. */

import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ask, type SmallAnswer } from '../../harness/environment/hooks-client.ts';
import type { Environment, EnvironmentOptions } from '../../harness/environment/types.ts';

/** A folder that goes when the file's tests are over. Its name is not one that the harness would clean up. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'op-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function optionsFor(folder: string, more: Partial<EnvironmentOptions> = {}): EnvironmentOptions {
  return {
    store: 'memory',
    proxy: 'embedded',
    replicas: 2,
    profile: 'seed',
    seed: '1',
    runId: `t${process.pid}`,
    logFile: join(folder, 'server.log'),
    workDir: folder,
    ...more,
  };
}

/** Whether anybody listens there. */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function provision(environment: Environment, customer: string, points: number): Promise<void> {
  const answer = await ask({
    method: 'POST',
    url: `${environment.hooksUrl ?? ''}/hooks/customers`,
    token: environment.hooksToken,
    body: JSON.stringify({ customer_id: customer, points }),
    timeoutMs: 20_000,
  });
  if (answer.status !== 200) throw new Error(`not provisioned: ${answer.status} ${answer.body}`);
}

/** One attempt through the whole chain; rejects when no answer comes. */
export async function redeem(
  environment: Environment,
  customer: string,
  key: string,
  attempt = `${key}.1`,
): Promise<SmallAnswer> {
  const response = await fetch(`${environment.baseUrl}/api/v2/loyalty/rewards/redeem`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${environment.token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
      'onceproof-attempt': attempt,
    },
    body: JSON.stringify({
      customer_id: customer,
      reward_id: 'reward_coffee',
      points_amount: 120,
      client_redemption_id: key,
    }),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, body: await response.text() };
}

/** Tries again with the same key until it is done, as a careful client does. */
export async function redeemUntilDone(
  environment: Environment,
  customer: string,
  key: string,
): Promise<number> {
  for (let attempt = 1; attempt <= 200; attempt++) {
    const status = await redeem(environment, customer, key, `${key}.${attempt}`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return attempt;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${key} was never answered with 200`);
}

export async function balanceOf(environment: Environment, customer: string): Promise<unknown> {
  const { body } = await ask({
    method: 'GET',
    url: `${environment.directUrls[0] ?? ''}/api/v2/loyalty/customers/${customer}/balance`,
    token: environment.token,
    timeoutMs: 20_000,
  });
  return (JSON.parse(body) as { readonly balance: unknown }).balance;
}
