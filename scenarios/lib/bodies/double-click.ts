/** double-click: one click one intent; guarded, unguarded with one key, unguarded with two keys; and two honest redemptions. */
import { coversDuplicates } from '../../../harness/model/contract.ts';
import { attempt, together } from '../attempt.ts';
import { insist, judgeRefusal, pursue } from '../client.ts';
import { count } from '../counters.ts';
import { keepsApart, mayBeDuplicate } from '../lawful.ts';
import type { Play } from '../scenario.ts';
import {
  anotherKey,
  dearest,
  isRefusal,
  namesIntents,
  newIntent,
  type Attempt,
  type Intent,
  type Story,
} from '../story.ts';
import { bestOf, disbelieve, noteReplay, race } from './shared.ts';

export const doubleClick: Play = {
  name: 'double-click',
  prefix: 'dc',
  points: (settings) => dearest(settings) * 6,
  wants: [
    { moment: 'overlaps_seen', needs: 'nothing' },
    { moment: 'two_keys_seen', needs: 'nothing' },
    { moment: 'duplicates_refused_seen', needs: 'nothing' },
    { moment: 'separate_redemptions_seen', needs: 'nothing' },
  ],
  act: (story) => {
    const clicks = CLICKS[story.iteration % CLICKS.length] ?? guarded;
    return clicks(story);
  },
};

const CLICKS: readonly ((story: Story) => Promise<void>)[] = [
  guarded,
  oneKey,
  twoKeysNamed,
  twoKeysUnnamed,
  separate,
];

/** The button is disabled by the first click: one attempt at a time. */
async function guarded(story: Story): Promise<void> {
  const intent = newIntent(story);
  await pursue(story, intent);
  if (intent.state === 'done') await disbelieve(story, intent);
}

/** Two clicks send the same form state: one key. */
async function oneKey(story: Story): Promise<void> {
  const intent = newIntent(story);
  const click = (together: number): Promise<Attempt> => attempt(story, intent, { together });
  const answers = await race(story, [click, click]);
  noteReplay(intent);
  const best = bestOf(answers);
  await pursue(story, intent, best === undefined ? {} : { after: best });
}

/** The naive form makes a key at each click; the body names the intent, for good. */
async function twoKeysNamed(story: Story): Promise<void> {
  if (!namesIntents(story)) return twoKeysUnnamed(story);
  const intent = newIntent(story);
  const { duplicateIntent } = story.contract;
  if (duplicateIntent === 'uncovered') intent.effectLimit = 2;
  if (duplicateIntent === 'unspecified') intent.effectLimit = Infinity;
  await twoKeys(story, intent);
  if (intent.state === 'done' && coversDuplicates(story.contract)) await clickAgain(story, intent);
}

/** The naive form without a name for the intent: only the fallback window can tell. */
async function twoKeysUnnamed(story: Story): Promise<void> {
  const intent = newIntent(story, { named: false });
  const { duplicateIntent, duplicateWindowMs } = story.contract;
  const isCovered =
    coversDuplicates(story.contract) && duplicateWindowMs > 0 && !story.settings.hasClockJumps;
  // Off, uncovered or by a clock that jumps, each key is a redemption of its own.
  intent.effectLimit = duplicateIntent === 'unspecified' ? Infinity : isCovered ? 1 : 2;
  await twoKeys(story, intent);
  if (intent.state === 'done' && isCovered && spanMs(intent) < duplicateWindowMs / 2) {
    await clickAgain(story, intent, duplicateWindowMs);
  }
  // When a fault has held one click back for longer than the window, the contract lets it through.
  if (intent.effectLimit === 1 && spanMs(intent) >= duplicateWindowMs) intent.effectLimit = 2;
}

async function twoKeys(story: Story, intent: Intent): Promise<void> {
  const second = anotherKey(story, intent, 1);
  const { duplicateIntent } = story.contract;
  const clicks = [
    (together: number) => attempt(story, intent, { together }),
    (together: number) => attempt(story, intent, { together, key: second }),
  ];
  const answers = await race(story, clicks, [duplicateIntent]);
  count('two_keys_seen');
  for (const answer of answers) {
    if (isRefusal(answer, duplicateIntent)) count('duplicates_refused_seen');
  }
  const best = bestOf(answers);
  const key = best?.key ?? intent.key;
  await pursue(story, intent, {
    ...(best === undefined ? {} : { after: best }),
    attempt: { key },
    refusals: [duplicateIntent],
  });
}

/** The key that lost sends once more, the intent being done: refused as a duplicate or given the original, with no effect. */
async function clickAgain(story: Story, intent: Intent, windowMs = Infinity): Promise<void> {
  const winners = new Set(intent.attempts.filter(({ outcome }) => outcome === 'ok').map(({ key }) => key));
  const loser = [intent.key, anotherKey(story, intent, 1)].find((key) => !winners.has(key));
  if (loser === undefined) return;
  const answer = await insist(story, intent, { key: loser });
  if (answer === undefined) return;
  if (isRefusal(answer, story.contract.duplicateIntent)) count('duplicates_refused_seen');
  // A 200 replays the winner, should its own answer have been lost; a second redemption is counted by its effect.
  else if (spanMs(intent) < windowMs) judgeRefusal(story, answer, []);
}

/** Two honest redemptions of one reward at once, each its own intent: both must be done. */
async function separate(story: Story): Promise<void> {
  const [reward, other] = story.settings.target.rewards;
  if (reward === undefined) return guarded(story);
  const first = newIntent(story, { reward });
  // Two equal redemptions may be one to the contract by its window: then two different rewards.
  const twin = keepsApart(story) ? reward : other;
  if (twin === undefined) return pursue(story, first);
  const type = first.payload.type;
  const second = newIntent(story, { reward: twin, ...(type === undefined ? {} : { type }) });
  const answers = await together([
    (together) => attempt(story, first, { together }),
    (together) => attempt(story, second, { together }),
  ]);
  const duplicates = answers.filter((answer) => isFalseDuplicate(story, answer)).length;
  const [one, two] = answers.map((answer) => (answer.outcome === 'ok' ? answer.redemption : undefined));
  if (one !== undefined && one === two) count('false_duplicates');
  if (duplicates > 0) count('false_duplicates', duplicates);
  for (const [index, intent] of [first, second].entries()) {
    const answer = answers[index];
    if (answer === undefined) continue;
    await pursue(story, intent, { after: answer, refusals: [story.contract.duplicateIntent] });
  }
  if (first.state === 'done' && second.state === 'done') count('separate_redemptions_seen');
}

/** Refused as a duplicate, and certainly none. */
function isFalseDuplicate(story: Story, answer: Attempt): boolean {
  const { contract, settings } = story;
  if (!isRefusal(answer, contract.duplicateIntent) || mayBeDuplicate(story, answer)) return false;
  // Without codes it may say that a copy of this very request is in flight.
  return !settings.hasFaultyHop || !isRefusal(answer, contract.inFlight);
}

/** From the first attempt's start to the last one's end, ms. */
function spanMs(intent: Intent): number {
  const starts = intent.attempts.map(({ invokedAt }) => invokedAt);
  const ends = intent.attempts.map(({ completedAt }) => completedAt);
  return Math.max(...ends) - Math.min(...starts);
}
