/** retry-storm: answers lost and late, clients that retry, disbelieve, storm and sleep. */
import { attempt } from '../attempt.ts';
import { insist, judgeRefusal, pursue, type PursueOptions } from '../client.ts';
import { count } from '../counters.ts';
import { armPause, freezeClock } from '../hooks.ts';
import { pause } from '../pause.ts';
import type { Play } from '../scenario.ts';
import { chance, choice, dearest, newIntent, type Intent, type Story } from '../story.ts';
import { bestOf, disbelieve, noteLostAnswers, noteReplay, race } from './shared.ts';

/** Of all iterations: those whose client sleeps over the key's expiry (where a clock can be moved). */
const OVERNIGHT_SHARE = 0.1;
/** Those in which several devices of one customer send the same intent at once. */
const STORM_SHARE = 0.25;
/** Those whose client waits so briefly that answers come too late. */
const HASTY_SHARE = 0.15;
/** One in so many iterations meets work that takes longer than its lease, where a hook can hold it. */
const LONG_EVERY = 30;
const LONG_AT = 7;
/** Where the contract names no lease, ms. */
const USUAL_LEASE_MS = 1000;
/** A longer one is not waited for, ms. */
const LONGEST_LEASE_MS = 3000;
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
    if (story.iteration % LONG_EVERY === LONG_AT && leaseOf(story) !== undefined) return outlasted(story);
    const intent = newIntent(story);
    if (chance(story, STORM_SHARE, 'storm')) await storm(story, intent);
    else await pursue(story, intent, hasty(story));
    noteLostAnswers(intent);
    if (intent.state === 'done' && chance(story, DISBELIEF_SHARE, 'disbelief'))
      await disbelieve(story, intent);
  },
};

/** How long the work on a key may hold it, ms; undefined where that cannot be outlasted here. */
function leaseOf({ contract, capabilities }: Story): number | undefined {
  const leaseMs = contract.leaseMs === 'unspecified' ? USUAL_LEASE_MS : contract.leaseMs;
  return capabilities.crash === true && leaseMs <= LONGEST_LEASE_MS ? leaseMs : undefined;
}

/** The first attempt is held at a point of its work for longer than its lease; the client, tired of it, asks again meanwhile. */
async function outlasted(story: Story): Promise<void> {
  const intent = newIntent(story);
  const leaseMs = leaseOf(story) ?? USUAL_LEASE_MS;
  const point = choice(story, 2, 'long-work') === 0 ? 'after-claim' : 'after-debit';
  await armPause(story, point, intent.key, leaseMs * 1.6);
  const way = `work: held ${point} for longer than a lease`;
  const first = attempt(story, intent, { way, timeoutMs: story.settings.timeoutMs + leaseMs * 2 });
  await pause(leaseMs * 1.2);
  const second = await attempt(story, intent, { way: 'work: while the first is held' });
  const held = await first;
  count('long_work_seen');
  for (const answer of [held, second]) judgeRefusal(story, answer, [story.contract.inFlight]);
  noteReplay(intent);
  const best = bestOf([held, second]);
  await pursue(story, intent, best === undefined ? {} : { after: best });
}

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
