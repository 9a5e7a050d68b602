/** Express over it: redeem, points, gifts. */

import express from 'express';
import { makeTables, pool } from './database.mjs';
import { PRICES, redeem, Refused } from './redeem.mjs';

const app = express();
app.use(express.json());

app.post('/accounts/:account/gifts', async (request, response) => {
  if (!request.is('json')) throw new Refused(415, 'no_json');
  const { params, body, headers, rawHeaders } = request;
  const key = headers['idempotency-key'];
  const lines = rawHeaders.filter(
    (text, at) => at % 2 === 0 && text.toLowerCase() === 'idempotency-key',
  ).length;
  if (key === undefined) throw new Refused(400, 'no_key');
  if (lines > 1 || !/^[\x21-\x7e]{1,255}$/.test(key)) throw new Refused(400, 'bad_key');
  if (!Object.hasOwn(PRICES, body.gift ?? '')) throw new Refused(404, 'no_such_gift');
  const { status, answer, isReplay } = await redeem(params.account, body.gift, key);
  if (isReplay) response.set('Idempotent-Replayed', 'true');
  response.status(status).type('json').send(answer);
});

app.get('/accounts/:account', async ({ params }, response) => {
  const { rows } = await pool.query('select points from accounts where id = $1', [params.account]);
  if (rows.length === 0) throw new Refused(404, 'who');
  response.json(rows[0]);
});

app.get('/accounts/:account/gifts', async ({ params }, response) => {
  const { rows } = await pool.query('select id, gift, points from gifts where account = $1 order by at', [
    params.account,
  ]);
  response.json({ gifts: rows });
});

app.get('/ready', (_, response) => response.json({}));

app.use((error, _request, response, _next) => {
  if (error instanceof Refused) {
    if (error.status === 409) response.set('Retry-After', '1');
    response.status(error.status).json({ code: error.code });
    return;
  }
  if (error.type?.startsWith('entity.')) response.status(400).json({ code: 'bad_body' });
  else response.status(503).set('Retry-After', '1').json({ code: 'store_down' });
});

await makeTables().catch((error) => {
  // Two processes that make the tables at once: one of them has made them.
  if (!['23505', '42P07', '42710'].includes(error.code)) throw error;
});
app.listen(Number(process.env.PORT), '127.0.0.1');
