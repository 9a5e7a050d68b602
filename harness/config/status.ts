/** The members of a config that say how an accepted redemption is asked for, and where a made one is told. */

import { usageError } from '../base/errors.ts';
import type { StatusCall } from '../model/target.ts';
import {
  child,
  integerOf,
  isGiven,
  isPlainObject,
  itemsOf,
  objectOf,
  textOf,
  wrong,
  type Member,
} from './member.ts';
import { HEADER_NAME } from './contract-rows.ts';
import { pathOf, pointerOf } from './redeem-call.ts';
import { answerOf } from './target.ts';

/** What a `status` leaves out. */
const DEFAULTS = { from: 'Location', everyMs: 100, withinMs: 10_000, mostPolls: 50 } as const;

/** How it is polled. Throws a usage error. */
export function statusOf(member: Member): StatusCall {
  const members = objectOf(member, [
    'from',
    'path',
    'value',
    'done',
    'refused',
    'answer',
    'everyMs',
    'withinMs',
    'mostPolls',
  ]);
  const hasValue = isGiven(members.value);
  if (hasValue && !isGiven(members.done))
    throw wrong(members.done, 'an array of the words at status.value that say that it is done');
  for (const name of ['done', 'refused'] as const)
    if (!hasValue && isGiven(members[name]))
      throw wrong(members.value, `the pointer to the words of ${name}`);
  const done = hasValue
    ? itemsOf(members.done, 'an array with at least one word', 1).map((item) => textOf(item))
    : [];
  const refused = isGiven(members.refused) ? refusedOf(members.refused) : {};
  const twice = done.find((word) => Object.hasOwn(refused, word));
  if (twice !== undefined)
    throw usageError('config_wrong', `wrong in ${member.file}`, {
      field: members.refused.path,
      expected: 'words that are not in done',
      found: twice,
    });
  return {
    from: isGiven(members.from) ? fromOf(members.from) : DEFAULTS.from,
    ...(isGiven(members.path) && { path: pathOf(members.path, ['status', 'customer_id']) }),
    ...(hasValue && { value: pointerOf(members.value) }),
    done,
    refused,
    ...(isGiven(members.answer) && { answer: answerOf(members.answer) }),
    everyMs: isGiven(members.everyMs) ? integerOf(members.everyMs, 10, 60_000, 'ms') : DEFAULTS.everyMs,
    withinMs: isGiven(members.withinMs) ? integerOf(members.withinMs, 10, 600_000, 'ms') : DEFAULTS.withinMs,
    mostPolls: isGiven(members.mostPolls) ? integerOf(members.mostPolls, 1, 1000) : DEFAULTS.mostPolls,
  };
}

function fromOf(member: Member): string {
  const { value } = member;
  if (typeof value === 'string' && value.startsWith('/')) return pointerOf(member);
  if (typeof value === 'string' && HEADER_NAME.test(value)) return value;
  throw wrong(member, "a header's name, e.g. 'Location', or a JSON pointer into the body");
}

/** Each word with the status that it stands for in the contract. */
function refusedOf(member: Member): Record<string, number> {
  if (!isPlainObject(member.value)) throw wrong(member, 'an object: each word with the status it stands for');
  const words = Object.keys(member.value);
  return Object.fromEntries(words.map((word) => [word, integerOf(child(member, word), 400, 599)]));
}
