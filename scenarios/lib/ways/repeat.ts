/** The same request once more, as it was or in another envelope. */
import { type AttemptOptions } from '../attempt.ts';
import { insist } from '../client.ts';
import { count } from '../counters.ts';
import type { Attempt, Intent, Story } from '../story.ts';
import { envelopeOf } from './envelopes.ts';

export interface Repeated {
  readonly answer: Attempt | undefined;
  /** A refusal is as right as a replay. */
  readonly mayRefuse: boolean;
}

/** Repeats until there is a definite answer; the envelope is drawn by hash, so that a run holds a spread of them. */
export async function repeat(story: Story, intent: Intent, options: AttemptOptions = {}): Promise<Repeated> {
  const envelope = envelopeOf(story, intent.id, intent.sentCount);
  if (envelope === undefined) return { answer: await insist(story, intent, options), mayRefuse: false };
  count('envelopes_seen');
  const { name, mayRefuse } = envelope;
  const answer = await insist(story, intent, { ...options, way: `envelope: ${name}`, mayRefuse, envelope });
  return { answer, mayRefuse };
}
