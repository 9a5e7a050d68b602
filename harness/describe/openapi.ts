/** An OpenAPI document becomes a draft of a config: the call that redeems, what it answers, how it is read back. */

import { usageError } from '../base/errors.ts';
import { isPlainObject } from '../config/member.ts';
import { pointsOf } from '../model/amounts.ts';
import { at } from '../model/read-answer.ts';
import { likeness, wordScore } from '../preflight/candidates.ts';
import { ROLES } from '../preflight/roles.ts';
import {
  recordOf,
  typeOf,
  listOf,
  valuesOf,
  type ApiDocument,
  type Json,
  type Operation,
} from './document.ts';
import { amountsOf, itemsIn, listFrom, placeFor, placesFor, type Draft } from './draft.ts';
import { isKeyName, meaningOf, textOr, type Meaning } from './names.ts';
import { contractRows } from './rows.ts';

export interface FromDocument {
  readonly baseUrl?: string;
  /** `POST /path`, where more than one could be meant. */
  readonly operation?: string;
}

const DEFAULT_BASE_URL = 'http://127.0.0.1:8080';
const DEFAULT_POINTS = 100;
const REDEEM = /redeem|redemption|voucher|reward|loyalty|points|spend|burn|claim/gi;
const OTHER = /refund|cancel|revers|confirm|webhook|void|earn|accru|top.?up|transfer/i;

/** Throws a usage error where no call, or more than one, can be the one that redeems. */
export function draftFrom(document: ApiDocument, file: string, asked: FromDocument = {}): Draft {
  const operation = redeemOf(document, file, asked.operation);
  const open: string[] = [];
  const filled = new Filled(document);
  const path = filled.path(operation);
  const body = operation.body === undefined ? {} : filled.template(operation.body.schema, '', '', true);
  const headers = filled.headers(operation);
  const { keyHeader } = filled;
  const answer = answerOf(document, operation, open);
  const reads = readsOf(document, operation, answer['redemption'] ?? '/id', open);
  const customer = filled.values.get('customer') ?? reads.customer;
  if (customer === undefined) open.push("customers: the document shows no customer's id");
  const reward = filled.values.get('reward');
  if (reward === undefined) open.push("rewards: the document shows no reward's id");
  const cost = filled.values.get('points') ?? pointsIn(doneOf(operation)) ?? reads.cost;
  const amounts = amountsOf([cost, ...reads.amounts].filter((shown) => shown !== undefined));
  const points = pointsOf(cost, { unit: amounts.unit ?? 1, as: amounts.amounts ?? 'number' });
  if (points === undefined) open.push('rewards: the document shows no price');
  const method = operation.method === 'POST' ? {} : { method: operation.method };
  return {
    baseUrl: asked.baseUrl ?? document.server ?? DEFAULT_BASE_URL,
    auth: authOf(document, operation),
    redeem: {
      ...method,
      path,
      ...(keyHeader !== undefined && { keyHeader }),
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(operation.body?.isForm === true && { bodyAs: 'form' }),
      body,
    },
    answer: answer['from'] === undefined ? { redemption: '/id', ...answer } : answer,
    ...amounts,
    ...(reads.balance && { balance: reads.balance }),
    ...(reads.redemptions && { redemptions: reads.redemptions }),
    rewards: [{ id: textOr(reward, 'reward-1'), points: points ?? DEFAULT_POINTS }],
    ...(filled.types.length > 0 && { redemptionTypes: filled.types }),
    contract: contractRows(document, operation, answer['code']),
    customers: [textOr(customer, 'customer-1')],
    open,
  };
}

function redeemOf(document: ApiDocument, file: string, asked: string | undefined): Operation {
  const named = (one: Operation): string => `${one.method} ${one.path}`;
  const writes = document.operations.filter(({ method }) => method !== 'GET');
  if (asked !== undefined) {
    const found = writes.find((one) => named(one).toLowerCase() === asked.toLowerCase());
    if (found !== undefined) return found;
    throw usageError('openapi', 'no such call in the document', {
      field: '--operation',
      expected: writes.map(named).join(', '),
      found: asked,
    });
  }
  const scored = writes
    .map((operation) => ({ operation, score: redeemScore(operation) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score);
  const [best, second] = scored;
  if (best === undefined)
    throw usageError('openapi', 'no call of it takes an idempotency key', {
      field: file,
      expected: 'a POST with a header or a body member such as Idempotency-Key, or --operation "POST /path"',
      found: writes.map(named).join(', ') || 'no POST, PUT or PATCH',
    });
  if (second === undefined || second.score < best.score) return best.operation;
  throw usageError('openapi', 'more than one call may be the one that redeems', {
    field: file,
    expected: '--operation with one of them',
    found: scored
      .filter(({ score }) => score === best.score)
      .map((one) => named(one.operation))
      .join(', '),
  });
}

/** 0: it takes no key. */
function redeemScore({ parameters, body, words, method }: Operation): number {
  const inHeader = parameters.some(({ place, name }) => place === 'header' && isKeyName(name));
  const inBody = Object.keys(recordOf(body?.schema['properties'])).some(isKeyName);
  if (!inHeader && !inBody) return 0;
  const found = new Set((words.match(REDEEM) ?? []).map((word) => word.toLowerCase())).size;
  const score = (inHeader ? 50 : 40) + 15 * Math.min(found, 4) + (method === 'POST' ? 5 : 0);
  return Math.max(1, OTHER.test(words) ? score - 45 : score);
}

/** Fills what a request needs with placeholders, and keeps what the document shows in their places. */
class Filled {
  readonly values = new Map<Meaning, unknown>();
  types: readonly string[] = [];
  keyHeader: string | undefined;
  readonly #document: ApiDocument;

  constructor(document: ApiDocument) {
    this.#document = document;
  }

  path({ path, parameters }: Operation): string {
    return filledPath(path, parameters, (meaning, sample, isGiven) => {
      if (isGiven) this.#keep(meaning, sample);
    });
  }

  headers({ parameters }: Operation): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const { name, place, isRequired, sample } of parameters) {
      if (place !== 'header' || /^(authorization|content-type|accept)$/i.test(name)) continue;
      if (isKeyName(name)) this.keyHeader ??= name;
      else if (isRequired) headers[name] = textOr(sample, name);
    }
    return headers;
  }

  template(value: unknown, name: string, parent: string, isRequired: boolean): unknown {
    const schema = this.#document.merged(value);
    const type = typeOf(schema);
    if (type === 'object') {
      const required = listOf(schema['required']);
      const members = Object.entries(recordOf(schema['properties']))
        .map(
          ([member, one]) => [member, this.template(one, member, name, required.includes(member))] as const,
        )
        .filter(([, one]) => one !== undefined);
      return members.length > 0 || isRequired ? Object.fromEntries(members) : undefined;
    }
    const isNumber = type === 'integer' || type === 'number';
    const choices = listOf(schema['enum']).filter((choice) => typeof choice === 'string');
    const meaning = meaningOf(name, parent, isNumber, choices.length > 1);
    const [shown] = valuesOf(schema);
    if (meaning === 'type') {
      if (!isRequired) return undefined;
      this.types = choices.slice(0, 1);
      return '{redemption_type}';
    }
    if (meaning !== undefined && type !== 'array' && type !== 'boolean') {
      this.#keep(meaning, shown ?? schema['default']);
      return PLACEHOLDERS[meaning];
    }
    return isRequired ? this.#document.sampleOf(schema) : undefined;
  }

  #keep(meaning: Meaning, value: unknown): void {
    if (value !== undefined && !this.values.has(meaning)) this.values.set(meaning, value);
  }
}

const PLACEHOLDERS: Readonly<Record<Meaning, string>> = {
  key: '{idempotency_key}',
  own: '{client_redemption_id}',
  points: '{points_amount}',
  customer: '{customer_id}',
  reward: '{reward_id}',
  type: '{redemption_type}',
};

function filledPath(
  path: string,
  parameters: Operation['parameters'],
  keep: (meaning: Meaning, sample: unknown, isGiven: boolean) => void,
): string {
  const parts = path.split('/');
  const inPath = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const before = parts[parts.indexOf(`{${name}}`) - 1] ?? '';
    const parameter = parameters.find((one) => one.name === name && one.place === 'path');
    const meaning = meaningOf(name, before, false, false);
    if (meaning !== 'customer' && meaning !== 'reward')
      return encodeURIComponent(textOr(parameter?.sample, name));
    keep(meaning, parameter?.sample, parameter?.isGiven === true);
    return PLACEHOLDERS[meaning];
  });
  const query = parameters
    .filter(({ place }) => place === 'query')
    .flatMap(({ name, isRequired, sample, isGiven }) => {
      const meaning = meaningOf(name, '', false, false);
      if (meaning === 'customer') {
        keep(meaning, sample, isGiven);
        return [`${name}=${PLACEHOLDERS.customer}`];
      }
      return isRequired ? [`${name}=${encodeURIComponent(textOr(sample, name))}`] : [];
    });
  return query.length === 0 ? inPath : `${inPath}?${query.join('&')}`;
}

function doneOf({ responses }: Operation): unknown {
  const done = responses.filter(({ status, sample }) => /^2(\d\d|XX)$/.test(status) && sample !== undefined);
  return done.toSorted((one, other) => one.status.localeCompare(other.status))[0]?.sample;
}

/** What a redemption is shown to cost. */
function pointsIn(sample: unknown): unknown {
  const place = placeFor(sample, 'redemptions.points');
  return place === undefined ? undefined : at(sample, place.pointer);
}

function answerOf(document: ApiDocument, operation: Operation, open: string[]): Record<string, string> {
  const sample = doneOf(operation);
  const answer = placesFor(sample, {
    redemption: 'answer.redemption',
    customer: 'answer.customer',
    balance: 'answer.balance',
  });
  const isLocated = tellsHeader(operation, 'location');
  // The last part of its address is the name of what was made.
  const from = answer['redemption'] === undefined && isLocated ? { from: 'location' } : {};
  if (answer['redemption'] === undefined && !isLocated)
    open.push("answer.redemption: the document does not show where the redemption's id is");
  const refused = operation.responses.filter(
    ({ status, sample: one }) => /^4/.test(status) && one !== undefined,
  );
  const codes = refused
    .map((response) => placeFor(response.sample, 'answer.code'))
    .filter((one) => one !== undefined);
  const [code] = codes.toSorted((one, other) => other.score - one.score);
  return { ...from, ...answer, ...(code !== undefined && { code: code.pointer }) };
}

interface Reads {
  readonly balance?: NonNullable<Draft['balance']>;
  readonly redemptions?: NonNullable<Draft['redemptions']>;
  readonly customer?: unknown;
  /** What a listed redemption is shown to have cost. */
  readonly cost?: unknown;
  /** Amounts as they are shown. */
  readonly amounts: readonly unknown[];
}

/** The balance and the list of a customer: the best call for each. */
function readsOf(document: ApiDocument, redeem: Operation, redemption: string, open: string[]): Reads {
  let customer: unknown;
  const calls = document.operations.flatMap((operation) => {
    if (operation.method !== 'GET') return [];
    const path = filledPath(operation.path, operation.parameters, (meaning, sample, isGiven) => {
      if (meaning === 'customer' && isGiven) customer ??= sample;
    });
    const sample = doneOf(operation);
    return path.includes(PLACEHOLDERS.customer) && sample !== undefined ? [{ operation, path, sample }] : [];
  });
  const balances = calls
    .filter(({ sample }) => isPlainObject(sample))
    .map((call) => ({ ...call, place: placeFor(call.sample, 'balance.value') }))
    .map((call) => ({
      ...call,
      score: (call.place?.score ?? -1000) + pathScore(call.path, ['balance', 'points', 'account', 'wallet']),
    }))
    .toSorted((one, other) => other.score - one.score);
  const lists = calls
    .map((call) => ({ ...call, list: listFrom(call.path, call.sample, redemption) }))
    .filter(({ list }) => list !== undefined)
    .map((call) => ({ ...call, score: listScore(call.operation, redeem, call.path, call.sample) }))
    .toSorted((one, other) => other.score - one.score);
  const [balance] = balances;
  const [list] = lists;
  if (balance?.place === undefined) open.push('balance: the document shows no call that reads one');
  if (list?.list === undefined) open.push('redemptions: the document shows no call that lists them');
  const paging = list === undefined ? {} : pagingOf(list.operation, list.sample);
  const cost = list?.list === undefined ? undefined : costIn(list.sample, list.list);
  return {
    ...(balance?.place && { balance: { path: balance.path, value: balance.place.pointer } }),
    ...(list?.list && { redemptions: { ...list.list, ...paging } }),
    customer,
    ...(cost !== undefined && { cost }),
    amounts: [...(balance?.place ? [at(balance.sample, balance.place.pointer)] : []), cost],
  };
}

function costIn(sample: unknown, { items = '', points }: Record<string, string>): unknown {
  const list = at(sample, items);
  return Array.isArray(list) && points !== undefined ? at(list[0], points) : undefined;
}

function listScore({ path, words }: Operation, redeem: Operation, filled: string, sample: unknown): number {
  const isSame = path === redeem.path ? 60 : 0;
  const items = itemsIn(sample) ?? '';
  return (
    isSame +
    pathScore(filled, ['redemptions', 'vouchers', 'rewards', 'transactions', 'history']) +
    wordScore(items, ROLES['redemptions.items'].words) * 0.5 +
    (/redemption|redeemed|voucher/i.test(words) ? 30 : 0)
  );
}

function pathScore(path: string, words: readonly string[]): number {
  const parts = path.split(/[/?&=]/).filter((part) => part !== '' && !part.startsWith('{'));
  const scores = parts.flatMap((part) => words.map((word, index) => likeness(part, word) * (1 - index / 10)));
  return Math.max(0, ...scores) * 0.6;
}

function pagingOf(operation: Operation, sample: unknown): Record<string, unknown> {
  const cursor = operation.parameters.find(
    ({ place, name }) => place === 'query' && /cursor|^after$|page_?token/i.test(name),
  );
  const next = cursor === undefined ? undefined : placeFor(sample, 'redemptions.nextCursor');
  if (cursor !== undefined && next !== undefined)
    return { nextCursor: next.pointer, cursorParameter: cursor.name };
  return tellsHeader(operation, 'link') ? { paging: { by: 'link' } } : {};
}

/** Whether a 2xx of it carries such a header. */
function tellsHeader({ responses }: Operation, header: string): boolean {
  return responses.some(
    ({ status, headers }) => status.startsWith('2') && headers.some((name) => name.toLowerCase() === header),
  );
}

function authOf(document: ApiDocument, operation: Operation): unknown {
  const [scheme] = document.schemesOf(operation);
  if (scheme === undefined) return 'none';
  return schemeAuth(scheme);
}

function schemeAuth({ type, scheme, in: place, name }: Json): unknown {
  if (type === 'apiKey' && (place === 'header' || place === 'query'))
    return { apiKey: { [place]: name, value: { env: 'API_KEY' } } };
  if (type === 'http' && String(scheme).toLowerCase() === 'basic')
    return { basic: { user: { env: 'API_USER' }, password: { env: 'API_PASSWORD' } } };
  return { env: 'API_TOKEN' };
}
