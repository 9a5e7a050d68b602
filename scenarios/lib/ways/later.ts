/** A finished key asked again long after, and many times: what was kept for a moment only, or for one repetition, is gone by then. */
import { judgeRefusal } from '../client.ts';
import { count } from '../counters.ts';
import { now } from '../events.ts';
import { pause } from '../pause.ts';
import { choice, type Intent, type Story } from '../story.ts';
import { repeat } from './repeat.ts';

/** So many iterations come to one that waits: a run of ordinary size holds each wait. */
const ONE_IN = 8;
/** ms. Longer ones would make a run of a few seconds a long one; whatever comes later still is read once more at its end. */
const WAITS_MS = [100, 300, 900] as const;
const TIMES = 3;

/** Not where a clock was moved: then keys have ages of their own. */
export async function replayLongAfter(story: Story): Promise<void> {
  if (story.hasMovedClock || choice(story, ONE_IN, 'long after') !== 0) return;
  const intent = story.intents.find((each) => each.state === 'done' && each.effectLimit === 1);
  const wait = WAITS_MS[choice(story, WAITS_MS.length, 'so long after')];
  if (intent === undefined || wait === undefined || !isYoungAfter(wait, story, intent)) return;
  const winner = intent.attempts.find(({ outcome }) => outcome === 'ok');
  if (winner?.key === undefined) return;
  await pause(wait);
  for (let time = 0; time < TIMES; time++) {
    const { answer, mayRefuse } = await repeat(story, intent, {
      key: winner.key,
      way: 'history: long after',
    });
    if (answer === undefined) return;
    if (mayRefuse && answer.outcome === 'fail') continue;
    judgeRefusal(story, answer, []);
    count('winners_replayed_seen');
  }
}

/** A key with a short life may be over by then. */
function isYoungAfter(wait: number, { contract }: Story, { attempts }: Intent): boolean {
  const [first] = attempts;
  const { ttlMs } = contract;
  return ttlMs === 'unspecified' || (first !== undefined && now() + wait - first.invokedAt < ttlMs / 2);
}
