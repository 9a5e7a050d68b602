/**
 * One schedule: a customer of its own, one request that is stood at, what is done there, and what its client does then.
 * Nothing else runs meanwhile, so that what happens follows from the stand alone.
 */

import { tryName, type StandOutcome, type SweepStand } from '../model/stand.ts';
import { ACTS } from './acts.ts';
import type { Answer, SweepIntent } from './client.ts';
import { elsewhere, here, type SweepContext } from './context.ts';
import { advanceClock, intentOf, newParty, price, type Party } from './party.ts';
import { pursue } from './pursue.ts';
import type { Held, Hold, Watch } from './spots.ts';
import { faultOf, type Standing, type StandFault } from './standing.ts';

export interface StandResult {
  readonly party: Party;
  /** Absent: the request did not come by this message. */
  readonly outcome?: StandOutcome;
}

/** A customer can pay for several redemptions, so that a second debit shows as such and not as a refusal. */
const REDEMPTIONS = 10;

/** Everything but settling and reading back. `number`: which try, from 1; `turn`: which schedule of the run, from 0. */
export async function performStand(
  context: SweepContext,
  stand: SweepStand,
  number: number,
  turn: number,
): Promise<StandResult> {
  const name = tryName(stand.id, number);
  const party = await newParty(context, name, pointsFor(context, stand), turn);
  const intent = intentOf(context, party, 'a');
  if (!(await goThere(context, stand, intent, name))) return { party };
  const outcome = await standAt(context, stand, { party, intent, name });
  return outcome === undefined ? { party } : { party, outcome };
}

function pointsFor(context: SweepContext, { kind, way }: SweepStand): number {
  const cost = price(context);
  if (way === 'refusal') return cost - 1;
  return kind === 'last-points' ? cost : cost * REDEMPTIONS;
}

/** What comes before the request that is stood at; false when that did not come about. */
async function goThere(
  context: SweepContext,
  stand: SweepStand,
  intent: SweepIntent,
  name: string,
): Promise<boolean> {
  const { client, patience, stage } = context;
  if (stand.way === 'fresh' || stand.way === 'refusal') return true;
  if (stand.way === 'recovery') return await disturbFirst(context, stand, intent, name);
  const answer = await client.send(intent, { to: here(context), timeoutMs: patience.answerMs });
  const { ttlMs } = stage.contract;
  if (stand.way === 'expired' && ttlMs !== 'unspecified')
    await advanceClock(context, intent.payload.customer, ttlMs);
  return answer.complete.outcome === 'ok';
}

/** The first of two stands: the request is broken off, and its client has not come again yet. */
async function disturbFirst(
  context: SweepContext,
  stand: SweepStand,
  intent: SweepIntent,
  name: string,
): Promise<boolean> {
  const { after } = stand;
  if (after === undefined) return false;
  const first: SweepStand = { ...after, id: stand.id, way: 'fresh' };
  const standing = await meet(context, first, intent);
  if (standing === undefined) return false;
  try {
    await told(context, faultOf(stand, name, 'after'), () => ACTS[after.kind].run(standing));
    await standing.sending;
    await standing.watch.quiet();
    return true;
  } finally {
    await standing.watch.end();
  }
}

/** Stands, acts, and lets every client go on to its end. Undefined: the request did not come by. */
async function standAt(
  context: SweepContext,
  stand: SweepStand,
  about: { readonly party: Party; readonly intent: SweepIntent; readonly name: string },
): Promise<StandOutcome | undefined> {
  const { intent, name } = about;
  const standing = await meet(context, stand, intent, about.party);
  if (standing === undefined) return undefined;
  try {
    const outcome = await told(context, faultOf(stand, name), () => ACTS[stand.kind].run(standing));
    await carryOn(context, standing);
    await standing.watch.quiet();
    return outcome;
  } finally {
    await standing.watch.end();
  }
}

/** Every client goes on from what it was answered; one that has its 200 is done, whichever attempt brought it. */
async function carryOn(context: SweepContext, { intent, sending, others, loose }: Standing): Promise<void> {
  await Promise.all(loose);
  const answered = new Map<string, { intent: SweepIntent; answers: Answer[] }>();
  const sent = [{ intent, answer: sending }, ...others];
  for (const { intent: one, answer } of sent) {
    const known = answered.get(one.key + one.id) ?? { intent: one, answers: [] };
    known.answers.push(await answer);
    answered.set(one.key + one.id, known);
  }
  for (const { intent: one, answers } of answered.values()) {
    const last = answers.at(-1);
    if (last === undefined || answers.some(({ complete }) => complete.outcome === 'ok')) continue;
    await pursue(context, one, last, one === intent ? here(context) : elsewhere(context));
  }
}

/** Sends the request and waits until it stands. Where it does not come by, it is carried to its end and forgotten. */
async function meet(
  context: SweepContext,
  stand: SweepStand,
  intent: SweepIntent,
  party: Party = { id: intent.payload.customer, token: intent.token, name: intent.id },
): Promise<Standing | undefined> {
  const { spots, client, patience } = context;
  const act = ACTS[stand.kind];
  const watch = spots.begin({ replica: 0, key: intent.key });
  const held = await watch.stand(holdOf(stand, act.hold), stand);
  const timeoutMs = act.isImpatient === true ? patience.shortMs : patience.answerMs;
  const sending = client.send(intent, { to: here(context), timeoutMs });
  if (await comesBy(held, watch, sending))
    return { context, stand, party, intent, watch, held, sending, others: [], loose: [] };
  await watch.end();
  await pursue(context, intent, await sending, here(context));
  return undefined;
}

/** At a named point the process is killed by itself: nobody holds a message. */
function holdOf({ door, kind }: SweepStand, hold: Hold): Hold {
  return door === 'server' && kind.startsWith('kill') ? 'crash' : hold;
}

/** Some messages come after the answer: only when the door is quiet has it not come by. */
async function comesBy(held: Held, watch: Watch, sending: Promise<Answer>): Promise<boolean> {
  const gone = sending.then(() => watch.quiet()).then(() => false);
  return await Promise.race([held.reached, gone]);
}

/** The act between the two events that tell of it; the second one says how it ended. */
async function told(
  { emit, now }: SweepContext,
  fault: StandFault,
  act: () => Promise<StandOutcome>,
): Promise<StandOutcome> {
  emit({ ...fault, type: 'fault', at: now(), phase: 'start' });
  let outcome: StandOutcome | undefined;
  try {
    outcome = await act();
    return outcome;
  } finally {
    const detail = { ...fault.detail, ...(outcome !== undefined && { outcome }) };
    emit({ ...fault, type: 'fault', at: now(), phase: 'end', detail });
  }
}
