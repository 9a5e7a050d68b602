/** duplicated-requests: a load balancer sends one request twice, at once or late. */
import { attempt } from '../attempt.ts';
import { pursue } from '../client.ts';
import type { Play } from '../scenario.ts';
import { chance, choice, dearest, newIntent, type Intent, type Story } from '../story.ts';
import { bestOf, disbelieve, noteReplay, race } from './shared.ts';

/** Behind a hop that duplicates, the script still makes this share of the duplicates itself. */
const OWN_SHARE = 0.4;
/** Of all iterations: those in which one more copy comes after the client has its answer. */
const LATE_SHARE = 0.5;

export const duplicatedRequests: Play = {
  name: 'duplicated-requests',
  prefix: 'dr',
  points: (settings) => dearest(settings) * 4,
  wants: [
    { moment: 'overlaps_seen', needs: 'nothing' },
    { moment: 'in_progress_seen', needs: 'nothing' },
    { moment: 'replays_seen', needs: 'nothing' },
  ],
  act: async (story) => {
    const intent = newIntent(story);
    const isOwn = !story.settings.hasFaultyHop || chance(story, OWN_SHARE, 'own');
    if (isOwn) await sendTwice(story, intent);
    else await pursue(story, intent);
    if (intent.state === 'done' && chance(story, LATE_SHARE, 'late')) await disbelieve(story, intent);
  },
};

/** Two copies (now and then three) of one request leave together, as a balancer would send them to two replicas. */
async function sendTwice(story: Story, intent: Intent): Promise<void> {
  const copies = choice(story, 4, 'copies') === 0 ? 3 : 2;
  const answers = await race(
    story,
    Array.from({ length: copies }, () => (together: number) => attempt(story, intent, { together })),
  );
  noteReplay(intent);
  const best = bestOf(answers);
  await pursue(story, intent, best === undefined ? {} : { after: best });
}
