/**
 * lost-answer: the answer is lost, or the client does not wait for it; the retry with the same key must replay.
 *
 * Wants: retried, replayed-answer, abandoned; with a hop answer-lost-after-debit. In turn: a patient client, a hasty one,
 * and one that gave up and comes back after the effect.
 * Can break: double-debit, lost-debit, same-answer, replay-marker, refused-but-done, stuck, stale-read.
 */
import { lostAnswer } from './lib/bodies/lost-answer.ts';
import { scriptOf } from './lib/scenario.ts';

const script = scriptOf(lostAnswer, { intents: 60, vus: 20 });

export const options = script.options;
export const setup = script.setup;
export const teardown = script.teardown;
export const handleSummary = script.handleSummary;
export default script.iterate;
