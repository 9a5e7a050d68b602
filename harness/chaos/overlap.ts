/** Which faults may be on together: the timetable plans by it, and the nemesis keeps to it when a repair takes longer. */

import { isOutage } from './fault-rule.ts';
import type { TimedFault } from './timetable.ts';

type Placed = Pick<TimedFault, 'action' | 'where' | 'replica' | 'overlap'>;

/**
 * Symmetric. One place has one outage at a time, whatever the rules say; a fault with `overlap` false has its place
 * to itself; outages of different places are on together only where both have `overlap` true; all else may.
 */
export function mayOverlap(one: Placed, other: Placed): boolean {
  const areOutages = isOutage({ what: one.action }) && isOutage({ what: other.action });
  if (isSamePlace(one, other)) return !areOutages && one.overlap !== false && other.overlap !== false;
  return !areOutages || (one.overlap === true && other.overlap === true);
}

/** The connections of one replica, its process, or the store; a fault without a number is about every replica. */
function isSamePlace(one: Placed, other: Placed): boolean {
  const isAny = one.replica === undefined || other.replica === undefined;
  return one.where === other.where && (isAny || one.replica === other.replica);
}
