/** Failures of the endpoint's own handler: part of every schedule where a hook can bring them about. */

import { HANDLER_FAILS, type Capabilities } from '../history/events.ts';
import type { RequestRule } from './fault-rule.ts';

const SHARE = 0.03;
const DELAY_MS = 150;

/** None where no hook does it, and where clocks stand still: a retry would meet another time there. */
export function handlerFailures(
  scenario: string,
  { failNext }: Pick<Capabilities, 'failNext'>,
): readonly RequestRule[] {
  if (failNext !== true || scenario === 'key-expiry') return [];
  return (['error', 'throw', 'delay-before', 'delay-after'] as const).map((how) => ({
    name: HANDLER_FAILS + how,
    what: 'http_arm',
    share: SHARE,
    attempts: [1],
    detail: { point: how, action: 'fail', ...(how.startsWith('delay') && { pause_ms: DELAY_MS }) },
  }));
}
