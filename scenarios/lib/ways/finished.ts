/** A finished key asked again: the very same answer must come, and nothing happen. */
import { judgeRefusal } from '../client.ts';
import { count } from '../counters.ts';
import { now } from '../events.ts';
import type { Attempt, Intent, Story } from '../story.ts';
import { repeat } from './repeat.ts';

/** Asks once, by the key's 200; undefined: no definite answer came. */
export async function replayFinished(
  story: Story,
  intent: Intent,
  { key }: Attempt,
  way: string,
): Promise<Attempt | undefined> {
  if (key === undefined) return undefined;
  const { answer, mayRefuse } = await repeat(story, intent, { key, way });
  if (answer === undefined || (mayRefuse && answer.outcome === 'fail')) return answer;
  judgeRefusal(story, answer, []);
  count('winners_replayed_seen');
  return answer;
}

/** Whether the intent's keys are within the first half of their life, `inMs` from now: a short one may be over. */
export function isYoung({ contract }: Story, { attempts }: Intent, inMs = 0): boolean {
  const [first] = attempts;
  const { ttlMs } = contract;
  return ttlMs === 'unspecified' || (first !== undefined && now() + inMs - first.invokedAt < ttlMs / 2);
}
