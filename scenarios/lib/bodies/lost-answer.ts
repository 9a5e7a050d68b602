/** lost-answer: the answer never comes, or the client does not wait for it; the retry must replay. */
import { attempt } from '../attempt.ts';
import { pursue } from '../client.ts';
import { count } from '../counters.ts';
import { pause } from '../pause.ts';
import { readList } from '../reads.ts';
import type { Play } from '../scenario.ts';
import { choice, dearest, newIntent, type Intent, type Story } from '../story.ts';
import { disbelieve, noteLostAnswers, noteReplay } from './shared.ts';

/** The longest time-out of a hasty client, ms: about what a redemption takes. */
const HASTY_MS = 16;
const LOOKS = 10;

export const lostAnswer: Play = {
  name: 'lost-answer',
  prefix: 'la',
  points: (settings) => dearest(settings) * 4,
  wants: [
    { moment: 'retries_seen', needs: 'nothing' },
    { moment: 'replays_seen', needs: 'nothing' },
    { moment: 'abandoned_seen', needs: 'nothing' },
    { moment: 'lost_answers_seen', needs: 'proxy' },
  ],
  act: async (story) => {
    const intent = newIntent(story);
    await (CLIENTS[story.iteration % CLIENTS.length] ?? patient)(story, intent);
    noteLostAnswers(intent);
    if (intent.state === 'done') await disbelieve(story, intent);
  },
};

const CLIENTS: readonly ((story: Story, intent: Intent) => Promise<void>)[] = [patient, hasty, gaveUp];

/** Waits as long as it is told: only the way can lose the answer. */
async function patient(story: Story, intent: Intent): Promise<void> {
  await pursue(story, intent);
}

/** Waits briefly, twice, then properly: by then the effect may be there, or half done. */
async function hasty(story: Story, intent: Intent): Promise<void> {
  await pursue(story, intent, {
    timeoutMs: (number) =>
      number <= 2 ? 1 + choice(story, HASTY_MS, `hasty-${number}`) : story.settings.timeoutMs,
  });
}

/** Gives up, looks for the effect in the list, and comes back with the same key when it is there (or after some looks). */
async function gaveUp(story: Story, intent: Intent): Promise<void> {
  const first = await attempt(story, intent, { timeoutMs: 1 + choice(story, HASTY_MS, 'gave-up') });
  const before = new Set(story.owner.opening.redemptions?.map(({ redemption }) => redemption));
  for (let look = 0; look < LOOKS; look++) {
    const list = await readList(story, story.owner);
    if (list === undefined || list.some(({ redemption }) => !before.has(redemption))) break;
    await pause(Math.min(200, Math.max(10, story.settings.backoffFactor * 1000)));
  }
  // A patient pursuit from here: the first attempt, answered or not, is history.
  const isAbandoned = first.outcome === 'info';
  await pursue(story, intent);
  if (isAbandoned && intent.state === 'done') count('abandoned_seen');
  noteReplay(intent);
}
