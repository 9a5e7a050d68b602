/** Lists that may lag behind the answers, as their owner says: a reading is repeated until it shows what was confirmed. */
import { now } from './events.ts';
import { pause } from './pause.ts';
import { readParty } from './reads.ts';
import type { Party, Reading, Story } from './story.ts';

const PAUSE_MS = 50;
/** Whoever waited so often in vain waits no more: that list does not lag, it lacks. */
const VAIN_LIMIT = 2;
/** Redemptions of a customer that is taken again which are remembered. */
const KEPT = 1000;

/** What was confirmed in earlier iterations, by customer: a VU takes its customer again. */
const confirmedBefore = new Map<string, Set<string>>();
let vainCount = 0;

/** List and balance of a customer, once the list shows what was confirmed, or the lag is over. */
export async function readCaughtUp(story: Story, party: Party): Promise<Reading> {
  let reading = await readParty(story, party);
  const { listLagMs } = story.settings;
  if (listLagMs <= 0 || vainCount >= VAIN_LIMIT) return reading;
  const confirmed = confirmedOf(story, party);
  const startedAt = now();
  while (lacks(reading, confirmed)) {
    if (now() - startedAt > listLagMs) {
      vainCount += 1;
      break;
    }
    await pause(PAUSE_MS);
    reading = await readParty(story, party);
  }
  return reading;
}

function confirmedOf({ intents }: Story, party: Party): ReadonlySet<string> {
  const confirmed = party.isFresh ? new Set<string>() : (confirmedBefore.get(party.id) ?? new Set<string>());
  for (const { payload, attempts } of intents) {
    if (payload.customer !== party.id) continue;
    for (const { outcome, redemption } of attempts)
      if (outcome === 'ok' && redemption !== undefined && confirmed.size < KEPT) confirmed.add(redemption);
  }
  if (!party.isFresh) confirmedBefore.set(party.id, confirmed);
  return confirmed;
}

/** A list that names none of its redemptions shows nothing. */
function lacks({ redemptions }: Reading, confirmed: ReadonlySet<string>): boolean {
  if (redemptions === undefined) return false;
  const listed = new Set(redemptions.map(({ redemption }) => redemption));
  return !listed.has('') && [...confirmed].some((redemption) => !listed.has(redemption));
}
