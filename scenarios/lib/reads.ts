/** Reading back what the endpoint says it did: list and balance, each reading an `observe` event. */
import http from 'k6/http';

import type { ListedRedemption } from '../../harness/model/protocol.ts';
import { lowerCased, type WholeAnswer } from '../../harness/model/final-answer.ts';
import { firstPage, withPage } from '../../harness/model/paging.ts';
import { balanceUrl } from '../../harness/model/redeem-request.ts';
import { readBalance } from '../../harness/model/read-answer.ts';
import { readRequest } from '../../harness/model/wire.ts';
import { emit, now } from './events.ts';
import { noteAnswer } from './hope.ts';
import { turnOf } from './turns.ts';
import { pause } from './pause.ts';
import type { Party, Reading, Story } from './story.ts';

const TRIES = 6;
const PAUSE_CAP_MS = 2000;
/** A list longer than this many pages is not read to its end, and then not judged by. */
const PAGE_LIMIT = 1000;

/** List, then balance. What cannot be read (not offered, or no answer within the tries) is absent. */
export async function readParty(story: Story, party: Party): Promise<Reading> {
  const redemptions = await readList(story, party);
  const balance = await readBalanceOf(story, party);
  return {
    ...(redemptions === undefined ? {} : { redemptions }),
    ...(balance === undefined ? {} : { balance }),
  };
}

/** All pages of the list, newest first as the endpoint gives them. */
export async function readList(story: Story, party: Party): Promise<readonly ListedRedemption[] | undefined> {
  if (story.settings.target.redemptions === undefined) return undefined;
  return patiently(story, async () => {
    const at = now();
    const value = await allPages(story, party);
    if (value !== undefined) {
      emit({
        type: 'observe',
        at,
        until: now(),
        customer: party.id,
        via: 'script',
        what: 'redemptions',
        value,
      });
    }
    return value;
  });
}

/** The balance in points. */
export async function readBalanceOf(story: Story, party: Party): Promise<number | undefined> {
  const url = balanceUrl(story.settings.target, party.id);
  if (url === undefined) return undefined;
  return patiently(story, async () => {
    const at = now();
    const answer = await get(story, party, url, 'balance');
    const value = answer === undefined ? undefined : readBalance(story.settings.target, answer.body);
    if (value !== undefined) {
      emit({ type: 'observe', at, until: now(), customer: party.id, via: 'script', what: 'balance', value });
    }
    return value;
  });
}

async function allPages(story: Story, party: Party): Promise<readonly ListedRedemption[] | undefined> {
  const { target } = story.settings;
  let soFar = firstPage(target, party.id);
  while (soFar !== undefined && soFar.pages < PAGE_LIMIT) {
    const { url } = soFar;
    const answer = await get(story, party, url, 'redemptions');
    const read = answer === undefined ? undefined : withPage(target, party.id, soFar, answer);
    if (read === undefined) return undefined;
    if (read.isLast || read.url === url) return read.items;
    soFar = read;
  }
  return undefined;
}

type Got = Pick<WholeAnswer, 'headers' | 'body'>;

async function get(story: Story, party: Party, url: string, name: string): Promise<Got | undefined> {
  const turn = turnOf(story);
  if (turn !== undefined) await turn;
  const request = readRequest(story.settings.target, url, party.id, party.token);
  const response = await http.asyncRequest('GET', request.url, null, {
    headers: request.headers,
    redirects: 0,
    timeout: Math.max(story.settings.timeoutMs, 1000),
    tags: { name },
  });
  noteAnswer('GET', url, response);
  if (response.status !== 200 || typeof response.body !== 'string') return undefined;
  return { headers: lowerCased(response.headers), body: response.body };
}

async function patiently<Value>(
  story: Story,
  read: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  for (let number = 0; number < TRIES; number++) {
    const value = await read();
    if (value !== undefined) return value;
    await pause(Math.min(PAUSE_CAP_MS, Math.max(20, 1000 * story.settings.backoffFactor * 2 ** number)));
  }
  return undefined;
}
