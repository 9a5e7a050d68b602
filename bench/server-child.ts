/**
 * One process of the server benchmark: the bare route to compare with, or the load. Told by a message what to
 * be, it answers with messages.
 */

import bearerAuth from '@fastify/bearer-auth';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { PROFILES } from '../harness/model/contract.ts';
import { PATHS } from '../harness/model/protocol.ts';
import { openRedisStore } from '../reference-server/redis-store.ts';
import { rulesOf } from '../reference-server/rules.ts';
import { RedeemBody } from '../reference-server/schemas.ts';

import { CUSTOMERS, type ServerTask, type ServerTaskAnswer } from './server-task.ts';

process.on('message', (task: ServerTask) => {
  void (task.role === 'bare' ? bare(task) : load(task)).then((answer) => process.send?.(answer));
});

/**
 * A route with the same token check and body schema that sends the same scripts with the same arguments, one after
 * the other, and echoes the last answer: no key is read, nothing is judged, nothing can be resumed.
 */
async function bare({ redisUrl, token }: Extract<ServerTask, { role: 'bare' }>): Promise<ServerTaskAnswer> {
  const store = await openRedisStore({
    url: redisUrl,
    keyPrefix: 'bare',
    timeoutMs: 5000,
    log: console.error,
  });
  const app = Fastify().withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  await app.register(bearerAuth, { keys: new Set([token]) });
  const rules = rulesOf(PROFILES.seed);
  app.post(PATHS.redeem, { schema: { body: RedeemBody } }, async (request, reply) => {
    const { customer_id: customer, reward_id: reward, points_amount: points } = request.body;
    const clientRedemptionId = request.body.client_redemption_id ?? '';
    const payload = { customer, reward, points, type: 'voucher', clientRedemptionId };
    const id = randomUUID();
    const claim = { customer, key: id, owner: id, leaseMs: 1000, redemption: id, payload };
    await store.claim({
      ...claim,
      fingerprint: clientRedemptionId,
      rules,
      isRewardKnown: true,
      debits: true,
      keepsRefused: false,
    });
    await store.issueReward(customer, id, reward);
    const body = JSON.stringify(request.body);
    await store.complete(claim, { status: 200, body });
    return reply.type('application/json').send(body);
  });
  for (const customer of CUSTOMERS) await store.provision({ customer, points: 1e9, reset: true });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}

/** Redemptions, each an intent of its own, on as many connections as given for as long as given. */
async function load(task: Extract<ServerTask, { role: 'load' }>): Promise<ServerTaskAnswer> {
  const pool = new Pool(task.url, { connections: task.connections, pipelining: 1 });
  const startedAt = performance.now();
  const until = startedAt + task.ms;
  let requests = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const customer = CUSTOMERS[requests++ % CUSTOMERS.length];
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: PATHS.redeem,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${task.token}`,
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify({
          customer_id: customer,
          reward_id: 'reward_coffee',
          points_amount: 1,
          redemption_type: 'voucher',
          client_redemption_id: randomUUID(),
        }),
      });
      await body.dump();
      if (statusCode !== 200) failed++;
    }
  };
  await Promise.all(Array.from({ length: task.connections }, worker));
  const ms = performance.now() - startedAt;
  await pool.close();
  return { requests, failed, ms };
}
