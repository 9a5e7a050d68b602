/**
 * double-click: one click, one intent; two clicks may send two requests.
 *
 * Wants: overlap, two-keys-one-intent. In turn: a guarded button, an unguarded one with one key, unguarded with two keys
 * and the client's own name for the intent, unguarded with two keys and no name (the fallback window), and two honest
 * redemptions of one reward at once, which must both be done.
 * Can break: double-debit, duplicate-intent, false-duplicate, same-answer, conservation, unexpected-status.
 */
import { doubleClick } from './lib/bodies/double-click.ts';
import { scriptOf } from './lib/scenario.ts';

const script = scriptOf(doubleClick, { intents: 80, vus: 20 });

export const options = script.options;
export const setup = script.setup;
export const teardown = script.teardown;
export const handleSummary = script.handleSummary;
export default script.iterate;
