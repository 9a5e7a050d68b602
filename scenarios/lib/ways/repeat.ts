/** The same request once more, as it was or in another envelope. */
import { firstRequest } from '../../../harness/model/calls.ts';
import type { WireRequest } from '../../../harness/model/redeem-request.ts';
import { authorised } from '../../../harness/model/wire.ts';
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
  // One that cannot be put around this request is none, and counts as none.
  if (envelope?.put(plainOf(story, intent, options), story) === undefined)
    return { answer: await insist(story, intent, options), mayRefuse: false };
  count('envelopes_seen');
  const { name, mayRefuse } = envelope;
  const answer = await insist(story, intent, { ...options, way: `envelope: ${name}`, mayRefuse, envelope });
  return { answer, mayRefuse };
}

function plainOf(story: Story, { payload, key }: Intent, { body }: AttemptOptions): WireRequest {
  const { redeemTarget } = story.settings;
  const request = authorised(redeemTarget, firstRequest(redeemTarget, payload, key), story.owner.token);
  return body === undefined ? request : { ...request, body };
}
