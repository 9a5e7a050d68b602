/** Takes orders for gifts, and carries them out a moment later: 202 and a status to ask for. The key stands in the body. */

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const PRICES = { mug: 300, pen: 100 };
const isRight = process.env.EDITION !== 'wrong';
const members = new Map();
const orders = new Map();
/** Orders by member and request. */
const requests = new Map();

async function order({ member, gift, request }) {
  if (typeof request !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(request))
    return [400, { code: request === undefined ? 'NO_REQUEST' : 'BAD_REQUEST' }];
  const name = `${member} ${request}`;
  if (!members.has(member)) return [404, { code: 'NO_MEMBER' }];
  if (!Object.hasOwn(PRICES, gift)) return [404, { code: 'NO_GIFT' }];
  const known = requests.get(name);
  if (known) return known.gift === gift ? [202, { order: known.id }] : [422, { code: 'REQUEST_USED' }];
  // The wrong edition looks, then waits for something else, then writes.
  if (!isRight) await sleep(50);
  const made = { id: randomUUID(), member, gift, state: 'accepted' };
  requests.set(name, made);
  orders.set(made.id, made);
  void carryOut(made, name);
  return [202, { order: made.id }];
}

async function carryOut(made, name) {
  await sleep(40);
  const member = members.get(made.member);
  const points = PRICES[made.gift];
  if (member.points < points) {
    made.state = 'refused';
    // A refused request may come again.
    requests.delete(name);
    return;
  }
  member.points -= points;
  member.orders.push({ order: made.id, gift: made.gift, points });
  made.state = 'done';
}

const isJson = (type = '') => /^application\/json\s*(;|$)/i.test(type);

async function answer({ method, url, headers }, body) {
  const [, what, id, more] = url.split('/').map(decodeURIComponent);
  if (method === 'POST' && what === 'orders')
    return isJson(headers['content-type']) ? await order(body) : [415, { code: 'NO_JSON' }];
  if (what === 'orders')
    return orders.has(id) ? [200, { order: id, state: orders.get(id).state }] : [404, {}];
  if (method === 'PUT') members.set(id, { points: body.points, orders: [] });
  const member = members.get(id);
  if (member === undefined) return [404, { code: 'NO_MEMBER' }];
  return [200, more === 'orders' ? { orders: member.orders } : { points: member.points }];
}

const answered = async (request, text) => await answer(request, text === '' ? {} : JSON.parse(text));

async function serve(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const [status, body] = await answered(request, text).catch(() => [400, {}]);
  const location = status === 202 ? { location: `/orders/${body.order}` } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...location }).end(JSON.stringify(body));
}

createServer((request, response) => void serve(request, response)).listen(
  Number(process.env.PORT),
  '127.0.0.1',
);
