/** Which faults may be on together: the timetable plans by it, and the nemesis keeps to it when a repair takes longer. */

import { isOutage } from './fault-rule.ts';
import type { TimedFault } from './timed-fault.ts';

type Placed = Pick<TimedFault, 'action' | 'where' | 'replica' | 'overlap'>;

function areOutages(one: Placed, other: Placed): boolean {
  return isOutage({ what: one.action }) && isOutage({ what: other.action });
}

/** Outages of which not both rules let the other be on at the same time: one waits for the other, and for a rest. */
export function areRivalOutages(one: Placed, other: Placed): boolean {
  return areOutages(one, other) && !(one.overlap === true && other.overlap === true);
}

/**
 * Symmetric. One place has one outage at a time, whatever the rules say; a fault with `overlap` false has its place
 * to itself; outages of different places are on together only where both have `overlap` true; all else may.
 */
export function mayOverlap(one: Placed, other: Placed): boolean {
  if (isSamePlace(one, other))
    return !areOutages(one, other) && one.overlap !== false && other.overlap !== false;
  return !areRivalOutages(one, other);
}

/** The connections of one replica, its process, or the store; a fault without a number is about every replica. */
function isSamePlace(one: Placed, other: Placed): boolean {
  const isAny = one.replica === undefined || other.replica === undefined;
  return one.where === other.where && (isAny || one.replica === other.replica);
}
