/**
 * One process of the server benchmark: the bare route to compare with, or the load. Told by a message what to
 * be, it answers with messages.
 */

import bearerAuth from '@fastify/bearer-auth';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { PATHS } from '../harness/protocol.ts';
import { RedeemBody } from '../reference-server/schemas.ts';

export type ServerTask =
  | { readonly role: 'bare'; readonly redisPort: number; readonly roundTrips: number; readonly token: string }
  | {
      readonly role: 'load';
      readonly url: string;
      readonly token: string;
      readonly customers: readonly string[];
      readonly connections: number;
      readonly ms: number;
    };

export type ServerTaskAnswer =
  { readonly url: string } | { readonly requests: number; readonly failed: number; readonly ms: number };

/** As many commands as the bare route needs to be worth a round trip: read one value and write it. */
const BARE_SCRIPT = `redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])`;

process.on('message', (task: ServerTask) => {
  void (task.role === 'bare' ? bare(task) : load(task)).then((answer) => process.send?.(answer));
});

/** A route with the same token check and body schema, and nothing else but its round trips. */
async function bare({
  redisPort,
  roundTrips,
  token,
}: Extract<ServerTask, { role: 'bare' }>): Promise<ServerTaskAnswer> {
  const redis = new Redis(redisPort, '127.0.0.1', {
    scripts: { bare: { lua: BARE_SCRIPT, numberOfKeys: 1 } },
  });
  const run = Reflect.get(redis, 'bare') as (key: string, value: string) => Promise<string>;
  const app = Fastify().withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  await app.register(bearerAuth, { keys: new Set([token]) });
  app.post(PATHS.redeem, { schema: { body: RedeemBody } }, async ({ body }, reply) => {
    let found = '';
    for (let trip = 0; trip < roundTrips; trip++)
      found = await Reflect.apply(run, redis, [`bench:${body.customer_id}`, JSON.stringify(body)]);
    return reply.type('application/json').send(found);
  });
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
      const customer = task.customers[requests++ % task.customers.length];
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
