/** near-zero: distinct intents race for the last points; a refused one goes through after a top-up. */
import { attempt, together } from '../attempt.ts';
import { insist, judgeRefusal, pursue } from '../client.ts';
import { count } from '../counters.ts';
import { creditPoints } from '../hooks.ts';
import type { Play } from '../scenario.ts';
import type { Settings } from '../settings.ts';
import { isRefusal, namesIntents, newIntent, type Intent, type Story } from '../story.ts';

/** How many redemptions a new customer can afford; one point more would be one redemption more. */
const AFFORDABLE = 2;
/** How many more want to be paid from it. */
const TOO_MANY = 3;
/** A listed customer with points for more than this cannot be brought near zero by one race. */
const AFFORDABLE_LIMIT = 8;

export const nearZero: Play = {
  name: 'near-zero',
  prefix: 'nz',
  points: (settings) => price(settings) * (AFFORDABLE + 1) - 1,
  wants: [
    { moment: 'points_ran_out_seen', needs: 'hooks' },
    { moment: 'top_ups_seen', needs: 'hooks' },
  ],
  act: async (story) => {
    const intents = contenders(story);
    const answers = await together(
      intents.map((intent) => (together: number) => attempt(story, intent, { together })),
    );
    // Without names, intents that ask for the same are one by the fallback window.
    const refusals = namesIntents(story) ? [] : [story.contract.duplicateIntent];
    await Promise.all(
      intents.map((intent, index) => {
        const after = answers[index];
        return pursue(story, intent, { refusals, ...(after === undefined ? {} : { after }) });
      }),
    );
    const short = intents.filter((intent) => wasShort(story, intent));
    if (short.length > 0) count('points_ran_out_seen');
    judgeShort(story, intents, short);
    const [first] = short;
    if (first !== undefined) await topUp(story, first, short.length);
  },
};

/** One more than can be paid, and some: each its own intent. */
function contenders(story: Story): readonly Intent[] {
  const reward = rewardOf(story.settings);
  const balance = story.owner.opening.balance ?? nearZero.points(story.settings);
  const affordable = Math.floor(balance / reward.points);
  const wanted = Math.min(affordable, AFFORDABLE_LIMIT) + TOO_MANY;
  const types = story.settings.target.redemptionTypes;
  // Without names the types keep them apart.
  const number = namesIntents(story) ? wanted : Math.min(wanted, Math.max(1, types.length));
  return Array.from({ length: number }, (_, index) => {
    const type = types[index % Math.max(1, types.length)];
    return newIntent(story, { reward, ...(type === undefined ? {} : { type }) });
  });
}

/** Points were left for one more, everything is at rest, and one was refused for too few: that was wrong. */
function judgeShort(story: Story, intents: readonly Intent[], short: readonly Intent[]): void {
  const { balance } = story.owner.opening;
  if (balance === undefined || short.length === 0 || intents.some(isUnsure)) return;
  const done = intents.filter(({ state }) => state === 'done').length;
  if (balance - done * price(story.settings) >= price(story.settings)) count('wrong_answers');
}

/** A refusal for too few points is not stored (or is, where the contract says so): the same key after a top-up. */
async function topUp(story: Story, intent: Intent, shortCount: number): Promise<void> {
  if (story.capabilities.credit !== true || story.settings.hooks === undefined) return;
  // Enough for all that were refused: a late copy of another one's request may be carried out now.
  await creditPoints(story, story.owner, price(story.settings) * shortCount);
  const { insufficientPoints, storesInsufficientPoints } = story.contract;
  const answer = await insist(story, intent);
  if (answer === undefined) {
    intent.state = 'undecided';
    return;
  }
  if (answer.outcome === 'ok') {
    intent.state = 'done';
    count('top_ups_seen');
    count('intents_completed');
    if (storesInsufficientPoints === true) count('wrong_answers');
    return;
  }
  // Another contender without a definite answer may have taken the new points.
  if (story.intents.some(isUnsure)) return;
  judgeRefusal(story, answer, storesInsufficientPoints === false ? [] : [insufficientPoints]);
}

function wasShort(story: Story, intent: Intent): boolean {
  return (
    intent.state === 'refused' &&
    intent.attempts.some((answer) => isRefusal(answer, story.contract.insufficientPoints))
  );
}

function isUnsure({ attempts }: Intent): boolean {
  return attempts.some(({ outcome }) => outcome === 'info');
}

function price(settings: Settings): number {
  return rewardOf(settings).points;
}

/** The first reward of the target: all contenders want the same. */
function rewardOf({ target }: Settings): { readonly id: string; readonly points: number } {
  const [reward] = target.rewards;
  if (reward === undefined) throw new Error('the target names no rewards');
  return reward;
}
