/** near-zero: distinct intents race for the last points; a refused one goes through after a top-up. */
import { attempt, together } from '../attempt.ts';
import { insist, judgeRefusal, pursue } from '../client.ts';
import { count } from '../counters.ts';
import { creditPoints } from '../hooks.ts';
import { mayHaveMore } from '../judge.ts';
import { keepsApart } from '../lawful.ts';
import type { Play } from '../scenario.ts';
import type { Settings } from '../settings.ts';
import { readBalanceOf } from '../reads.ts';
import { isRefusal, newIntent, type Intent, type Story } from '../story.ts';

/** How many redemptions a new customer can afford; one point more would be one redemption more. */
const AFFORDABLE = 2;
/** How many more want to be paid from it. */
const TOO_MANY = 3;
/** A listed customer with points for more than this cannot be brought near zero by one race. */
const AFFORDABLE_LIMIT = 8;
/** Requests with which it may be brought there before. */
const SPENDING_LIMIT = 50;

export const nearZero: Play = {
  name: 'near-zero',
  prefix: 'nz',
  points: (settings) => price(settings) * (AFFORDABLE + 1) - 1,
  wants: [
    { moment: 'points_ran_out_seen', needs: 'hooks' },
    { moment: 'top_ups_seen', needs: 'hooks' },
  ],
  act: async (story) => {
    const { read, left } = await spentDown(story);
    const intents = contenders(story, read);
    const answers = await together(
      intents.map((intent) => (together: number) => attempt(story, intent, { together })),
    );
    // Without names, intents that ask for the same may be one by the fallback window.
    const refusals = keepsApart(story) ? [] : [story.contract.duplicateIntent];
    await Promise.all(
      intents.map((intent, index) => {
        const after = answers[index];
        return pursue(story, intent, { refusals, ...(after === undefined ? {} : { after }) });
      }),
    );
    const short = intents.filter((intent) => wasShort(story, intent));
    if (short.length > 0) count('points_ran_out_seen');
    judgeShort(story, intents, short, left);
    const [first] = short;
    if (first !== undefined) await topUp(story, first, short.length);
    await spendAll(story);
  },
};

interface Purse {
  /** As the balance was read last; it may lag. */
  readonly read?: number;
  /** What is certainly left. */
  readonly left?: number;
}

/**
 * A customer that exists may have too many points for one race: it spends them first, the dearest reward at a time.
 * Where that would take more than the limit, nothing is spent.
 */
async function spentDown(story: Story): Promise<Purse> {
  const { owner, settings } = story;
  const opening = owner.opening.balance;
  if (opening === undefined) return {};
  if (owner.isFresh) return { read: opening, left: opening };
  const kept = price(settings) * (AFFORDABLE + 1) - 1;
  const dear = settings.target.rewards.reduce((one, two) => (two.points > one.points ? two : one));
  const isRich = opening >= price(settings) * (AFFORDABLE_LIMIT + 1);
  if (!isRich || Math.ceil((opening - kept) / dear.points) > SPENDING_LIMIT)
    return { read: opening, left: opening };
  const refusals = keepsApart(story) ? [] : [story.contract.duplicateIntent];
  let left = opening;
  while (left > kept && sentBy(story) < SPENDING_LIMIT) {
    const reward = left - dear.points >= price(settings) * AFFORDABLE ? dear : rewardOf(settings);
    const intent = newIntent(story, { reward });
    await pursue(story, intent, { refusals });
    if (intent.state !== 'done') break;
    left -= reward.points;
  }
  const read = (await readBalanceOf(story, owner)) ?? left;
  return { read, left: Math.min(read, left) };
}

function sentBy({ intents }: Story): number {
  return intents.reduce((count, { sentCount }) => count + sentCount, 0);
}

/** One more than can be paid, and some: each its own intent. */
function contenders(story: Story, left: number | undefined): readonly Intent[] {
  const reward = rewardOf(story.settings);
  const balance = left ?? nearZero.points(story.settings);
  const affordable = Math.floor(balance / reward.points);
  const wanted = Math.min(affordable, AFFORDABLE_LIMIT) + TOO_MANY;
  const types = story.settings.target.redemptionTypes;
  // Where a window would take them for one, the types keep them apart.
  const number = keepsApart(story) ? wanted : Math.min(wanted, Math.max(1, types.length));
  return Array.from({ length: number }, (_, index) => {
    const type = types[index % Math.max(1, types.length)];
    return newIntent(story, { reward, ...(type === undefined ? {} : { type }) });
  });
}

/** Points were left for one more, everything is at rest, and one was refused for too few: that was wrong. */
function judgeShort(
  story: Story,
  intents: readonly Intent[],
  short: readonly Intent[],
  left: number | undefined,
): void {
  if (left === undefined || short.length === 0 || mayHaveMore(story.owner)) return;
  if (story.intents.some((intent) => isUnsure(intent) || intent.state === 'undecided')) return;
  const done = intents.filter(({ state }) => state === 'done').length;
  if (left - done * price(story.settings) >= price(story.settings)) count('wrong_answers');
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

/** The last points go, to nothing: 0 is a balance like any other, and the keys of what was done still replay. */
async function spendAll(story: Story): Promise<void> {
  const { owner, settings } = story;
  const isTold = JSON.stringify(settings.redeemTarget.redeem).includes('{points_amount}');
  if (!owner.isFresh || !isTold || story.intents.some(isUnsure)) return;
  const left = await readBalanceOf(story, owner);
  if (left === undefined || left <= 0) return;
  const intent = newIntent(story, { reward: { ...rewardOf(settings), points: left } });
  await pursue(story, intent, {
    attempt: { way: 'history: spent down to nothing' },
    refusals: [story.contract.duplicateIntent],
  });
  if (intent.state !== 'done') return;
  count('spent_to_nothing_seen');
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
