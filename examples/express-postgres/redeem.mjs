/**
 * One request, carried from recovery point to recovery point. Each step between two points is one transaction that does its work
 * and moves the point along; whoever comes back with the key goes on from where the last one got to. After Brandur Leach's
 * "Implementing Stripe-like Idempotency Keys in Postgres", written anew: started -> debited -> finished.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pool, transaction } from './database.mjs';

export const PRICES = { umbrella: 900, sticker: 40 };
/** Whoever holds a request for longer than this has died. */
const LOCK_SECONDS = 1;
const isRight = process.env.EDITION !== 'wrong';

export class Refused extends Error {
  constructor(status, code) {
    super(code);
    Object.assign(this, { status, code });
  }
}

/** The answer, and whether it was there already. */
export async function redeem(account, gift, key) {
  let request = isRight ? await taken(account, gift, key) : await takenWrongly(account, gift, key);
  const isReplay = request.recovery_point === 'finished';
  while (request.recovery_point !== 'finished') request = await STEPS[request.recovery_point](request);
  return { status: request.status, answer: request.answer, isReplay };
}

/** The request's row, locked for us. Throws where somebody else has it. */
async function taken(account, gift, key) {
  return await transaction(async (client) => {
    const known = await client.query(
      `select *, locked_at > clock_timestamp() - interval '${LOCK_SECONDS} s' as is_locked
       from requests where account = $1 and key = $2 for update`,
      [account, key],
    );
    const [row] = known.rows;
    if (row === undefined) {
      const made = await client.query(
        'insert into requests (account, key, gift, locked_at) values ($1, $2, $3, clock_timestamp()) returning *',
        [account, key, gift],
      );
      return made.rows[0];
    }
    if (row.gift !== gift) throw new Refused(422, 'key_used');
    if (row.recovery_point === 'finished') return row;
    if (row.is_locked) throw new Refused(409, 'in_progress');
    await client.query('update requests set locked_at = clock_timestamp() where id = $1', [row.id]);
    return row;
  });
}

/** Looks for an answer, finds none, and starts: the row comes too late to stop the other one. */
async function takenWrongly(account, gift, key) {
  const known = await pool.query('select * from requests where account = $1 and key = $2', [account, key]);
  const [row] = known.rows;
  if (row !== undefined && row.gift !== gift) throw new Refused(422, 'key_used');
  if (row !== undefined) return row;
  // It asks somebody else something; the other request does, too.
  await sleep(50);
  const unsaved = { id: undefined, account, key, gift };
  const debited = await transaction((client) =>
    debit(client, unsaved, Date.now() * 1000 + Math.floor(Math.random() * 1000)),
  );
  const { status, answer } = answerOf(debited);
  await pool.query(
    `insert into requests (account, key, gift, recovery_point, status, answer) values ($1, $2, $3, 'finished', $4, $5)
     on conflict do nothing`,
    [account, key, gift, status, answer],
  );
  return { recovery_point: 'finished', status, answer };
}

const STEPS = {
  /** Points and gift in one transaction with the point: there is no debit without its gift. */
  started: async (request) => {
    const row = await transaction(async (client) => {
      const { rows } = await client.query('select * from requests where id = $1 for update', [request.id]);
      // Whoever was taken for dead has done it after all, or was refused.
      if (rows[0]?.recovery_point !== 'started') return rows[0] ?? new Refused(409, 'in_progress');
      try {
        const { answer } = answerOf(await debit(client, request, request.id));
        return await moved(client, request, 'debited', answer);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        // Nothing was written yet. A refusal is not kept: with the points the same key may come again.
        await client.query('delete from requests where id = $1', [request.id]);
        return error;
      }
    });
    if (row instanceof Refused) throw row;
    return row;
  },
  /** Here a voucher would be sent; it may be asked for twice under one name. */
  debited: async (request) => {
    await sleep(2);
    return await transaction((client) => moved(client, request, 'finished', request.answer));
  },
};

async function moved(client, { id }, point, answer) {
  const isFinished = point === 'finished';
  const { rows } = await client.query(
    'update requests set recovery_point = $2, answer = $3, status = $4, locked_at = case when $5 then null else clock_timestamp() end where id = $1 returning *',
    [id, point, answer, 201, isFinished],
  );
  return rows[0];
}

async function debit(client, { account, gift }, request) {
  const { rows } = await client.query('select points from accounts where id = $1 for update', [account]);
  if (rows.length === 0) throw new Refused(404, 'who');
  if (rows[0].points < PRICES[gift]) throw new Refused(402, 'too_few_points');
  const left = rows[0].points - PRICES[gift];
  await client.query('update accounts set points = $2 where id = $1', [account, left]);
  const id = randomUUID();
  await client.query('insert into gifts (id, account, gift, points, request) values ($1, $2, $3, $4, $5)', [
    id,
    account,
    gift,
    PRICES[gift],
    request,
  ]);
  return { id, gift, left };
}

function answerOf({ id, gift, left }) {
  return { status: 201, answer: JSON.stringify({ order: id, gift, left }) };
}
