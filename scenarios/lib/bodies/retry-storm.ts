/** retry-storm: answers lost and late, clients that retry, disbelieve, storm and sleep. */
import { attempt } from '../attempt.ts';
import { insist, pursue, type PursueOptions } from '../client.ts';
import { freezeClock } from '../hooks.ts';
import type { Play } from '../scenario.ts';
import { chance, choice, dearest, newIntent, type Intent, type Story } from '../story.ts';
import { bestOf, disbelieve, noteLostAnswers, noteReplay, race } from './shared.ts';

/** Of all iterations: those whose client sleeps over the key's expiry (where a clock can be moved). */
const OVERNIGHT_SHARE = 0.1;
/** Those in which several devices of one customer send the same intent at once. */
const STORM_SHARE = 0.25;
/** Those whose client waits so briefly that answers come too late. */
const HASTY_SHARE = 0.15;
/** Those whose client did not believe its 200. */
const DISBELIEF_SHARE = 0.5;

export const retryStorm: Play = {
  name: 'retry-storm',
  prefix: 'rs',
  movesClocks: true,
  points: (settings) => dearest(settings) * 4,
  wants: [
    { moment: 'retries_seen', needs: 'nothing' },
    { moment: 'replays_seen', needs: 'nothing' },
    { moment: 'overlaps_seen', needs: 'nothing' },
    { moment: 'lost_answers_seen', needs: 'proxy' },
  ],
  act: async (story) => {
    if (story.capabilities.clock === true && chance(story, OVERNIGHT_SHARE, 'overnight'))
      return overnight(story);
    const intent = newIntent(story);
    if (chance(story, STORM_SHARE, 'storm')) await storm(story, intent);
    else await pursue(story, intent, hasty(story));
    noteLostAnswers(intent);
    if (intent.state === 'done' && chance(story, DISBELIEF_SHARE, 'disbelief'))
      await disbelieve(story, intent);
  },
};

/** A time-out for the first attempt that is shorter than a redemption may take. */
function hasty(story: Story): PursueOptions {
  if (!chance(story, HASTY_SHARE, 'hasty')) return {};
  const firstMs = 1 + choice(story, 10, 'hasty-ms');
  return { timeoutMs: (number) => (number === 1 ? firstMs : story.settings.timeoutMs) };
}

/** Two to four devices send the intent at once; the client goes on by the policy. */
async function storm(story: Story, intent: Intent): Promise<void> {
  const devices = 2 + choice(story, 3, 'devices');
  const sends = Array.from(
    { length: devices },
    () => (together: number) => attempt(story, intent, { together }),
  );
  const answers = await race(story, sends);
  noteReplay(intent);
  const best = bestOf(answers);
  await pursue(story, intent, best === undefined ? {} : { after: best });
}

/**
 * The answer of the first attempt is lost with the client's machine; the stored intent is taken up again after the key
 * has expired. The seed's client looks the redemption up and is done. The literal one reads the 409 as "the key does not
 * match", makes a new key, and redeems a second time.
 */
async function overnight(story: Story): Promise<void> {
  const { ttlMs, expiredKey, duplicateIntent } = story.contract;
  const intent = newIntent(story);
  if (ttlMs === 'unspecified') return pursue(story, intent);
  const clock = await freezeClock(story, story.owner);
  try {
    const first = await insist(story, intent);
    if (first === undefined || first.outcome !== 'ok') return await pursue(story, intent);
    await clock.set(ttlMs + 60_000);
    // Where an expired key is new at once, the same key may redeem again: the contract says so.
    if (expiredKey === 'new') intent.effectLimit = 2;
    if (expiredKey === 'unspecified') intent.effectLimit = Infinity;
    await pursue(story, intent, { refusals: [expiredKey, duplicateIntent] });
  } finally {
    await clock.release();
  }
}
