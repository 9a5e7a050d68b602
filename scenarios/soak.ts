/**
 * soak: a weighted mix of all other scenarios for a time (DURATION, default 30s).
 *
 * Wants: replayed-answer, overlap, two-keys-one-intent. Which scenario an iteration plays is decided by its number and
 * the seed, not by timing.
 * Can break: every rule that the others can.
 */
import { casting, soak } from './lib/bodies/soak.ts';
import { scriptOf } from './lib/scenario.ts';

const script = scriptOf(soak, { intents: 1000, vus: 10, duration: '30s' }, casting);

export const options = script.options;
export const setup = script.setup;
export const teardown = script.teardown;
export const handleSummary = script.handleSummary;
export default script.iterate;
