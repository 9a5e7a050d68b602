/** Customers that are taken again: their list may still lag behind what an earlier iteration was told. */
import { now } from './events.ts';
import { pause } from './pause.ts';
import { readParty } from './reads.ts';
import type { Party, Reading, Story } from './story.ts';

const PAUSE_MS = 50;
/** Whoever waited so often in vain waits no more: that list does not lag, it lacks. */
const VAIN_LIMIT = 2;
/** So many redemptions of a customer are remembered. */
const KEPT = 1000;

/** What was confirmed in earlier iterations, by customer: a VU takes its customer again. */
const confirmedBefore = new Map<string, Set<string>>();
let vainCount = 0;

/** What was there before, once the list shows what was confirmed before, or the lag is over. */
export async function readOpening(story: Story, party: Party): Promise<Reading> {
  let reading = await readParty(story, party);
  const { listLagMs } = story.settings;
  const confirmed = confirmedBefore.get(party.id);
  if (party.isFresh || confirmed === undefined) return reading;
  const until = now() + listLagMs;
  while (vainCount < VAIN_LIMIT && lacks(reading, confirmed)) {
    if (now() > until) {
      vainCount += 1;
      break;
    }
    await pause(PAUSE_MS);
    reading = await readParty(story, party);
  }
  return reading;
}

/** Takes note of what this iteration was told, for the next one with these customers. */
export function keepConfirmed({ parties, intents, settings }: Story): void {
  if (settings.listLagMs <= 0) return;
  for (const { id, isFresh } of parties) {
    if (isFresh) continue;
    const confirmed = confirmedBefore.get(id) ?? new Set<string>();
    confirmedBefore.set(id, confirmed);
    for (const { payload, attempts } of intents)
      if (payload.customer === id)
        for (const { outcome, redemption } of attempts)
          if (outcome === 'ok' && redemption !== undefined && confirmed.size < KEPT)
            confirmed.add(redemption);
  }
}

/** A list that names none of its redemptions shows nothing. */
function lacks({ redemptions }: Reading, confirmed: ReadonlySet<string>): boolean {
  if (redemptions === undefined) return false;
  const listed = new Set(redemptions.map(({ redemption }) => redemption));
  return !listed.has('') && [...confirmed].some((redemption) => !listed.has(redemption));
}
