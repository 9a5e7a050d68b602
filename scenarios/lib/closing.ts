/** The reading after everything: repeated while list and balance, which may lag, do not show what was said to be done. */
import { now } from './events.ts';
import { isShown } from './judge.ts';
import { pause } from './pause.ts';
import { readParty } from './reads.ts';
import type { Party, Reading, Story } from './story.ts';

const PAUSE_MS = 100;

/**
 * As `readParty`; what a reading lacks that began when the lag was over is missing. The lag counts from the first reading:
 * only from then on it is certain that nothing new comes, and that somebody has looked.
 */
export async function readClosing(story: Story, party: Party): Promise<Reading> {
  let startedAt = now();
  const until = startedAt + story.settings.listLagMs;
  let reading = await readParty(story, party);
  while (!isShown(story, party, reading) && startedAt < until) {
    await pause(PAUSE_MS);
    startedAt = now();
    reading = await readParty(story, party);
  }
  return reading;
}
