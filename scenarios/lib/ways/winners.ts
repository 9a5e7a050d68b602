/** Every winner once more when all is done: whatever has become of the customer since, its key answers as it did. */
import type { Attempt, Intent, Story } from '../story.ts';
import { isYoung, replayFinished } from './finished.ts';

/** Replays each finished key that nobody has replayed yet. Not where a clock was moved: then keys have ages of their own. */
export async function replayWinners(story: Story): Promise<void> {
  if (story.hasMovedClock) return;
  for (const intent of story.intents) {
    const winner = winnerOf(intent);
    if (winner === undefined || !isYoung(story, intent)) continue;
    await replayFinished(story, intent, winner, 'history: at the end');
  }
}

/** Its first 200, when no other one came for the same key; an intent that may be done twice has no one winner. */
function winnerOf({ state, effectLimit, attempts }: Intent): Attempt | undefined {
  if (state !== 'done' || effectLimit !== 1) return undefined;
  const [winner, ...others] = attempts.filter(({ outcome }) => outcome === 'ok');
  return others.some(({ key }) => key === winner?.key) ? undefined : winner;
}
