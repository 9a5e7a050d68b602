/** A rule of a finished run as the attempts that it really hit, for running it again. */

import { carriedOutOn, type ArrivalEvent } from '../history/events.ts';
import { ATTEMPT_HEADER } from '../model/protocol.ts';
import type { RequestFaultSpec } from './schedule.ts';

/** Members of a selection whose place `chosen` takes. */
const REPLACED: ReadonlySet<string> = new Set(['share', 'attempts', 'first', 'one_in', 'chosen']);

/**
 * A rule that hits the first so many, and one that arms crashes (of which some may have had no turn), with the attempts
 * that it really hit in its place. Other rules, and those that also hit what has no attempt, stay as they are.
 */
export function pinnedTo(arrivals: readonly ArrivalEvent[], spec: RequestFaultSpec): RequestFaultSpec {
  const { toxic } = spec;
  const { attributes = {} } = toxic;
  const isOfOrder = toxic.type === 'http_arm' || 'first' in attributes;
  if (!isOfOrder || attributes['has_header'] !== ATTEMPT_HEADER) return spec;
  const chosen = new Set<string>();
  for (const arrival of arrivals) {
    const { attempt, copy, hop } = arrival;
    if (copy !== 0 || attempt === undefined) continue;
    const hits = carriedOutOn(arrival);
    // Behind a load balancer the rule stands at each replica's hop, under the hop's name.
    if (hits.includes(toxic.name)) chosen.add(attempt);
    else if (hits.includes(`${toxic.name}@${hop}`)) chosen.add(`${attempt}@${hop}`);
  }
  const kept = Object.fromEntries(Object.entries(attributes).filter(([name]) => !REPLACED.has(name)));
  return { ...spec, toxic: { ...toxic, attributes: { ...kept, chosen: [...chosen] } } };
}
