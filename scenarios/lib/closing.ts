/** The reading after everything: repeated while a list or a balance that may lag lacks what was said to be done. */
import { now } from './events.ts';
import { isShown } from './judge.ts';
import { pause } from './pause.ts';
import { readParty } from './reads.ts';
import type { Party, Reading, Story } from './story.ts';

const PAUSE_MS = 100;

/** As `readParty`; what it still lacks when the lag is over is missing. */
export async function readClosing(story: Story, party: Party): Promise<Reading> {
  let reading = await readParty(story, party);
  const until = lastAnswerAt(story, party) + story.settings.listLagMs;
  while (!isShown(story, party, reading) && now() < until) {
    await pause(PAUSE_MS);
    reading = await readParty(story, party);
  }
  return reading;
}

function lastAnswerAt({ intents }: Story, { id }: Party): number {
  let last = 0;
  for (const { payload, attempts } of intents)
    if (payload.customer === id) for (const { completedAt } of attempts) last = Math.max(last, completedAt);
  return last;
}
