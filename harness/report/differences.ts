/** In what an attempt differed from the first one of its story: key, payload, writing, credentials, replica, way of sending. Pure. */

import type { InvokeEvent } from '../history/events.ts';
import type { AttemptFacts } from './facts.ts';
import { plural, shortId, visible } from './format.ts';

/** The key as it was sent, for people. */
export function keyText(key: InvokeEvent['key']): string {
  if (key === undefined) return 'no key';
  if (typeof key !== 'string') return `${key.length} key headers`;
  return key === '' ? 'empty key' : `key ${shortId(visible(key), 24)}`;
}

/** Of the first attempt itself: what it was sent with. Of a later one: each difference, one sentence part each. */
export function differencesOf(attempt: AttemptFacts, first: AttemptFacts | undefined): readonly string[] {
  const { invoke } = attempt;
  const before = first === undefined || first === attempt ? undefined : first.invoke;
  const parts = [before === undefined ? keyText(invoke.key) : keyDifference(invoke.key, before.key)];
  if (before !== undefined) {
    if (before.payloadHash !== invoke.payloadHash) parts.push(payloadDifference(invoke, before));
    else if (before.bodyHash !== invoke.bodyHash && invoke.bodyHash !== undefined)
      parts.push('the same payload in another writing');
    if (before.customer !== invoke.customer) parts.push(`customer ${visible(invoke.customer)}`);
  }
  if (invoke.actor !== undefined) parts.push(`with the credentials of ${visible(invoke.actor)}`);
  if (invoke.way !== undefined) parts.push(visible(invoke.way));
  if (before !== undefined) parts.push(...replicaDifference(attempt, first));
  if (invoke.via === 'settle') parts.push('to settle');
  if (invoke.via === 'raw') parts.push('on a raw connection');
  return parts;
}

function keyDifference(key: InvokeEvent['key'], before: InvokeEvent['key']): string {
  if (key === undefined) return 'no key';
  if (typeof key !== 'string' || typeof before !== 'string')
    return JSON.stringify(key) === JSON.stringify(before) ? 'same key' : `other ${keyText(key)}`;
  if (key === before) return 'same key';
  if (key === `"${before}"`) return 'the same key in quotes';
  if (before === `"${key}"`) return 'the same key without its quotes';
  if (key.trim() === before.trim()) return 'the same key with other blanks around it';
  if (key.toLowerCase() === before.toLowerCase()) return 'the same key in another letter case';
  const shared = sharedLength(key, before);
  // Short ones share their beginning by chance.
  const isNear = shared >= 8 && shared >= Math.min(key.length, before.length) - 1;
  if (isNear && key.length === before.length)
    return `a key that differs in its last character alone (…${visible(key.slice(-4))})`;
  if (isNear) return `a key that is ${key.length < before.length ? 'the beginning' : 'a continuation'} of it`;
  return `other ${keyText(key)}`;
}

function sharedLength(one: string, two: string): number {
  let length = 0;
  while (length < one.length && one[length] === two[length]) length += 1;
  return length;
}

/** What the history names of a payload; where all of that is equal, what it does not name was not. */
function payloadDifference(invoke: InvokeEvent, before: InvokeEvent): string {
  const told: string[] = [];
  if (invoke.reward !== before.reward || invoke.points !== before.points)
    told.push(`${visible(invoke.reward)}, ${plural(invoke.points, 'point')}`);
  if (invoke.redemptionType !== before.redemptionType)
    told.push(invoke.redemptionType === undefined ? 'no type' : `type ${visible(invoke.redemptionType)}`);
  if (invoke.clientRedemptionId !== before.clientRedemptionId)
    told.push(
      invoke.clientRedemptionId === undefined
        ? 'without a name of its own'
        : `named ${shortId(visible(invoke.clientRedemptionId), 24)}`,
    );
  return told.length === 0 ? 'other payload' : `other payload (${told.join(', ')})`;
}

function replicaDifference(attempt: AttemptFacts, first: AttemptFacts | undefined): string[] {
  const own = attempt.arrivals.find(({ copy }) => copy === 0)?.upstream;
  const before = first?.arrivals.find(({ copy }) => copy === 0)?.upstream;
  return own === undefined || before === undefined || own === before ? [] : ['at another replica'];
}
