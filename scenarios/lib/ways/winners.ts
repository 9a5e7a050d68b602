/** Every winner once more when all is done: whatever has become of the customer since, its key answers as it did. */
import { judgeRefusal } from '../client.ts';
import { count } from '../counters.ts';
import { now } from '../events.ts';
import type { Attempt, Intent, Story } from '../story.ts';
import { repeat } from './repeat.ts';

/** Replays each finished key that nobody has replayed yet. Not where a clock was moved: then keys have ages of their own. */
export async function replayWinners(story: Story): Promise<void> {
  if (story.hasMovedClock) return;
  for (const intent of story.intents) {
    const winner = winnerOf(intent);
    if (winner?.key === undefined || !isYoung(story, intent)) continue;
    const { answer, mayRefuse } = await repeat(story, intent, {
      key: winner.key,
      way: 'history: at the end',
    });
    if (answer === undefined || (mayRefuse && answer.outcome === 'fail')) continue;
    judgeRefusal(story, answer, []);
    count('winners_replayed_seen');
  }
}

/** Its first 200, when no other one came for the same key; an intent that may be done twice has no one winner. */
function winnerOf({ state, effectLimit, attempts }: Intent): Attempt | undefined {
  if (state !== 'done' || effectLimit !== 1) return undefined;
  const [winner, ...others] = attempts.filter(({ outcome }) => outcome === 'ok');
  return others.some(({ key }) => key === winner?.key) ? undefined : winner;
}

/** A key with a short life may be over by now. */
function isYoung({ contract }: Story, { attempts }: Intent): boolean {
  const [first] = attempts;
  return (
    contract.ttlMs === 'unspecified' || (first !== undefined && now() - first.invokedAt < contract.ttlMs / 2)
  );
}
