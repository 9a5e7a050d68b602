/**
 * key-expiry: the sweep around a key's expiry.
 *
 * Wants: replayed-answer; with a clock expiry-before (-1 ms), expiry-at (0), expiry-after (+1 ms), expiry-in-flight,
 * tombstone-end (-1 ms and 0). Each iteration freezes its own customer's clock, so that a boundary is hit exactly.
 * Without a clock a key of at most 10 s is waited for, and nothing is judged within the measured uncertainty; a longer
 * one is only replayed at once.
 * Can break: expiry, double-debit, duplicate-intent, stuck; with CLIENT=seed-literal duplicate-intent, by the new key
 * that the literal rule makes after "expired".
 */
import { keyExpiry } from './lib/bodies/key-expiry.ts';
import { scriptOf } from './lib/scenario.ts';

const script = scriptOf(keyExpiry, { intents: 48, vus: 12 });

export const options = script.options;
export const setup = script.setup;
export const teardown = script.teardown;
export const handleSummary = script.handleSummary;
export default script.iterate;
