/** A config made of what a team has already: an OpenAPI document, a curl command, or answers to questions. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { harnessError, messageOf, usageError } from '../base/errors.ts';
import { MAX_TEXT_BYTES, smallText } from '../base/small-file.ts';
import { isAllowedHost } from '../config/hosts.ts';
import { configText, type ConfigFormat } from '../describe/config-text.ts';
import { draftOfCurl } from '../describe/curl.ts';
import { ApiDocument } from '../describe/document.ts';
import type { Draft } from '../describe/draft.ts';
import { draftFrom, type FromDocument } from '../describe/openapi.ts';
import { UNSHOWN } from '../describe/rows.ts';

const FETCH_LIMIT_MS = 10_000;

/** From a file, or from a URL whose host is among the allowed ones. Throws usage errors. */
export async function draftOfDocument(
  place: string,
  asked: FromDocument & { readonly allowHosts?: readonly string[] },
): Promise<Draft> {
  const text = /^https?:/.test(place) ? await fetched(place, asked.allowHosts ?? []) : fileText(place);
  return draftFrom(new ApiDocument(await parsed(text, place), place), place, asked);
}

export { draftOfCurl };

/** From the answers of a person, one question a value. `ask` offers what is there until now. */
export async function draftOfAnswers(
  ask: (question: string, offered: string) => Promise<string>,
): Promise<Draft> {
  const baseUrl = await ask(
    'Base URL of the endpoint (a test system: points will be spent)',
    'http://127.0.0.1:8080',
  );
  const variable = await ask(
    "Environment variable with its bearer token ('X-Api-Key: VARIABLE' for a key in a header; none: no token)",
    'none',
  );
  const path = await ask('Path of the call that redeems (may hold {customer_id})', '/v1/redemptions');
  const keyHeader = await ask('Header that carries the idempotency key', 'Idempotency-Key');
  const body = await askedJson(ask, 'Its JSON body, with {customer_id}, {reward_id}, {points_amount}', path);
  const redemption = await ask("Pointer to the redemption's id in its answer", '/id');
  const balance = await ask(
    'Path that reads a balance (none: it cannot be read)',
    '/v1/customers/{customer_id}',
  );
  const value = balance === 'none' ? '' : await ask('Pointer to the points in its answer', '/points');
  const list = await ask("Path that lists a customer's redemptions (none: it cannot be listed)", 'none');
  const items =
    list === 'none' ? '' : await ask("Pointer to the array ('' with none: the whole answer)", '/redemptions');
  const reward = await ask('Id of a reward', 'reward-1');
  const points = Number(await ask('What it costs in points', '100'));
  const customers = await ask('Customers that exist and have points, with commas', 'customer-1');
  return {
    baseUrl,
    auth: authOf(variable),
    redeem: { path, keyHeader, body },
    answer: { redemption },
    ...(balance !== 'none' && { balance: { path: balance, value } }),
    ...(list !== 'none' && { redemptions: { path: list, items: items === 'none' ? '' : items, redemption } }),
    rewards: [{ id: reward, points }],
    contract: UNSHOWN,
    customers: customers.split(',').map((customer) => customer.trim()),
    open: ['contract: rows in which the endpoint differs from the IETF draft (docs/contract.md)'],
  };
}

/** `VARIABLE`, or `Header: VARIABLE`. */
function authOf(answer: string): unknown {
  if (answer === 'none') return 'none';
  const [, header, env] = /^([^:\s]+):\s*(\S+)$/.exec(answer) ?? [];
  return header === undefined ? { env: answer } : { apiKey: { header, value: { env } } };
}

async function askedJson(
  ask: (question: string, offered: string) => Promise<string>,
  question: string,
  path: string,
): Promise<unknown> {
  const customer = path.includes('{customer_id}') ? '' : '"customer_id":"{customer_id}",';
  for (;;) {
    const text = await ask(question, `{${customer}"reward_id":"{reward_id}","points":"{points_amount}"}`);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Asked again: a person sees why.
    }
  }
}

/** Writes it beside whatever is there; `force` overwrites. Gives the file's path. */
export async function writeDraft(
  draft: Draft,
  { dir, format, force }: { readonly dir: string; readonly format: ConfigFormat; readonly force: boolean },
): Promise<string> {
  const file = join(dir, `onceproof.config.${format}`);
  try {
    await writeFile(file, await configText(draft, format), { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw usageError('init_exists', 'is there already', {
        field: file,
        expected: '--force to overwrite it',
      });
    throw harnessError('init_failed', `cannot be written: ${messageOf(error)}`, {
      field: file,
      cause: error,
    });
  }
  return file;
}

function fileText(file: string): string {
  try {
    return smallText(file);
  } catch (error) {
    const found = error instanceof Error && 'code' in error ? error.code : messageOf(error);
    throw usageError('openapi', 'cannot be read', { field: '--openapi', expected: 'a file', found });
  }
}

/** A document names hosts of its own: none of them is asked, and no redirect is followed. */
async function fetched(place: string, allowHosts: readonly string[]): Promise<string> {
  const url = URL.canParse(place) ? new URL(place) : undefined;
  if (url === undefined) throw usageError('openapi', 'is no URL', { field: '--openapi', found: place });
  if (!isAllowedHost(allowHosts, url))
    throw usageError('host_not_allowed', 'its host is not named on the command line', {
      field: '--openapi',
      expected: `--allow-host ${url.host}`,
      found: url.host,
    });
  try {
    const signal = AbortSignal.timeout(FETCH_LIMIT_MS);
    const answer = await fetch(url, { redirect: 'error', signal });
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    return await textOf(answer);
  } catch (error) {
    throw harnessError('openapi', `no document: ${messageOf(error)}`, { field: place });
  }
}

/** A document that does not end, or unpacks to more than any, is given up and not held. */
async function textOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > MAX_TEXT_BYTES) throw new Error('it is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function parsed(text: string, place: string): Promise<unknown> {
  try {
    if (/^\s*[{[]/.test(text)) return JSON.parse(text) as unknown;
    const { parse } = await import('yaml');
    return parse(text, { maxAliasCount: 1000, logLevel: 'error' }) as unknown;
  } catch (error) {
    const why = messageOf(error).split('\n')[0] ?? '';
    throw usageError('openapi', `is neither JSON nor YAML: ${why}`, { field: place });
  }
}
