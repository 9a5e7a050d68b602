/**
 * retry-storm: one intent an iteration, and clients that retry.
 *
 * Wants: retried, replayed-answer, overlap; with a hop answer-lost-after-debit; with crashes
 * crash-between-debit-and-reply. A share of clients does not believe its 200 and sends once more, so that replays
 * happen without any proxy; a share is several devices at once; a share is too hasty; with a clock, a share sleeps
 * over the key's expiry.
 * Can break: double-debit, lost-debit, conservation, same-answer, replay-marker, refused-but-done, stuck,
 * unexpected-status, stale-read; with CLIENT=seed-literal duplicate-intent, by the literal rule's new key.
 */
import { retryStorm } from './lib/bodies/retry-storm.ts';
import { scriptOf } from './lib/scenario.ts';

const script = scriptOf(retryStorm, { intents: 150, vus: 20 });

export const options = script.options;
export const setup = script.setup;
export const teardown = script.teardown;
export const handleSummary = script.handleSummary;
export default script.iterate;
