/** The steps without a guarantee, on Redis: what wrong editions are made of. */

import type { Link, ScriptName } from './redis-client.ts';
import { claimArguments, claimResult, debitResult, entryOf, type Reply } from './redis-wire.ts';
import { windowName, type RawRecord, type RawStore } from './store.ts';

type Run = (name: ScriptName, customer: string, args: readonly (string | number)[]) => Promise<unknown>;

export function redisRaw(run: Run, { client, reached }: Link, keyPrefix: string): RawStore {
  return {
    peek: async (request) => {
      const { customer } = request.payload;
      const reply = (await run('opPeek', customer, claimArguments(request))) as Reply;
      return reply[0] === 'free' ? { kind: 'free' } : claimResult(reply, customer);
    },
    insert: async (request) => {
      const { customer } = request.payload;
      return claimResult((await run('opInsert', customer, claimArguments(request))) as Reply, customer);
    },
    move: async (claim) => {
      const args = [claim.redemption, entryOf(claim), claim.payload.points];
      return debitResult((await run('opMove', claim.customer, args)) as Reply);
    },
    setBalance: async (customer, balance) => {
      await run('opSetBalance', customer, [balance]);
    },
    enter: async (claim, balanceAfter) => {
      const args = [claim.redemption, entryOf(claim), balanceAfter];
      const [, , at] = (await run('opEnter', claim.customer, args)) as Reply;
      return { balanceAfter, at: Number(at) };
    },
    record: async (customer, key): Promise<RawRecord | undefined> => {
      const reply = await run('opRecord', customer, [key]);
      if (reply === null) return undefined;
      const [redemption, isDone] = reply as [string, number];
      return { redemption, isDone: isDone === 1 };
    },
    writeAnswer: async (request, redemption, { status, body }) => {
      const args = [...claimArguments({ ...request, redemption }), status, body];
      await run('opWriteAnswer', request.payload.customer, args);
    },
    forget: async (customer, key, payload) => {
      await run('opForget', customer, [key, payload.clientRedemptionId ?? '', windowName(payload)]);
    },
    renew: async (customer, key) => {
      await run('opRenew', customer, [key]);
    },
    putIfAbsent: async (name, value) => {
      const key = `${keyPrefix}:shared:${name}`;
      const old = await reached(client.set(key, value, 'PX', 600_000, 'NX', 'GET'));
      return old ?? value;
    },
  };
}
