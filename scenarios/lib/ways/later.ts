/** A finished key asked again long after, and many times: what was kept for a moment only, or for one repetition, is gone by then. */
import { pause } from '../pause.ts';
import { choice, type Story } from '../story.ts';
import { isYoung, replayFinished } from './finished.ts';

/** So many iterations come to one that waits: a run of ordinary size holds each wait. */
const ONE_IN = 8;
/** ms. Longer ones would make a run of a few seconds a long one. */
const WAITS_MS = [100, 300, 900] as const;
const TIMES = 3;

/** Not where a clock was moved: then keys have ages of their own. */
export async function replayLongAfter(story: Story): Promise<void> {
  if (story.hasMovedClock || choice(story, ONE_IN, 'long after') !== 0) return;
  const intent = story.intents.find((each) => each.state === 'done' && each.effectLimit === 1);
  const winner = intent?.attempts.find(({ outcome }) => outcome === 'ok');
  const wait = WAITS_MS[choice(story, WAITS_MS.length, 'so long after')];
  if (intent === undefined || winner?.key === undefined || wait === undefined) return;
  if (!isYoung(story, intent, wait)) return;
  await pause(wait);
  for (let time = 0; time < TIMES; time++)
    if ((await replayFinished(story, intent, winner, 'history: long after')) === undefined) return;
}
