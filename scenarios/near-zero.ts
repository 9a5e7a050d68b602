/**
 * near-zero: distinct intents race for a customer's last points.
 *
 * Wants: race-for-last-points, points-ran-out. Points for two of five, all five sent together; then, where points can
 * be given, a refused one again with its own key.
 * Can break: overdraft, conservation, lost-debit, refused-but-done, double-debit, unexpected-status.
 */
import { nearZero } from './lib/bodies/near-zero.ts';
import { scriptOf } from './lib/scenario.ts';

const script = scriptOf(nearZero, { intents: 40, vus: 10 });

export const options = script.options;
export const setup = script.setup;
export const teardown = script.teardown;
export const handleSummary = script.handleSummary;
export default script.iterate;
