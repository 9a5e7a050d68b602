/** How a config says that amounts are written, and that lists are paged. */

import { usageError } from '../base/errors.ts';
import { placesOf, type Amounts } from '../model/amounts.ts';
import type { Paging } from '../model/target.ts';
import { integerOf, isGiven, matchOf, objectOf, oneOf, wrong, type Member } from './member.ts';

const PARAMETER = /^[\w.~-]+$/;

/** Throws a usage error, also where a cursor is given beside it. */
export function pagingOf(
  member: Member,
  { nextCursor, cursorParameter }: { readonly nextCursor: Member; readonly cursorParameter: Member },
): Paging {
  const members = objectOf(member, ['by', 'parameter', 'first', 'size', 'sizeParameter']);
  const by = oneOf(members.by, ['page', 'offset', 'link']);
  for (const other of [nextCursor, cursorParameter])
    if (isGiven(other))
      throw usageError('config_wrong', `wrong in ${member.file}`, {
        field: other.path,
        expected: `a cursor or ${member.path}, not both`,
      });
  if (by === 'link') {
    for (const name of ['parameter', 'first', 'size', 'sizeParameter'] as const)
      if (isGiven(members[name])) throw wrong(members[name], 'nothing: the Link header says all of it');
    return { by };
  }
  if (by === 'offset' && isGiven(members.first)) throw wrong(members.first, 'nothing: offsets start at 0');
  if (isGiven(members.sizeParameter) && !isGiven(members.size))
    throw wrong(members.size, 'how many are asked for with sizeParameter');
  return {
    by,
    parameter: isGiven(members.parameter) ? nameOf(members.parameter) : by,
    ...(isGiven(members.first) && { first: integerOf(members.first, 0, 1) }),
    ...(isGiven(members.size) && { size: integerOf(members.size, 1, 10_000) }),
    ...(isGiven(members.sizeParameter) && { sizeParameter: nameOf(members.sizeParameter) }),
  };
}

/** How amounts are written; undefined where they are whole numbers of points. */
export function amountsOf(unit: Member, amounts: Member): Amounts | undefined {
  if (!isGiven(unit) && !isGiven(amounts)) return undefined;
  const points = isGiven(unit) ? integerOf(unit, 1, 1_000_000) : 1;
  if (Number.isNaN(placesOf(points)))
    throw wrong(unit, 'a number whose fractions end within six decimals: 10, 100, 1000, 4, 8 …');
  return { unit: points, as: isGiven(amounts) ? oneOf(amounts, ['number', 'text']) : 'number' };
}

function nameOf(member: Member): string {
  return matchOf(member, PARAMETER, 'the name of a query parameter');
}
