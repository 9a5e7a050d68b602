/** What an endpoint says to its store when nothing disturbs it: the messages of each way, taken before anything is chosen. */

import { harnessError } from '../base/errors.ts';
import type { Spot, SweepFacts, SweepStand, SweepWay } from '../model/stand.ts';
import { here, type SweepContext } from './context.ts';
import { advanceClock, intentOf, newParty, price, type Party } from './party.ts';
import { pursue } from './pursue.ts';

export interface Baseline {
  readonly ways: SweepFacts['ways'];
  readonly recoveries: readonly {
    readonly after: NonNullable<SweepStand['after']>;
    readonly messages: readonly Spot[];
  }[];
  /** How long a first use took from sending to the answer, ms. */
  readonly answerMs: number;
}

const IDLE_MS = 150;
/** A first use that is not confirmed alone, or whose messages are others each time, is sent so often. */
const TRIES = 6;

/** `context` must keep what it sends to itself: none of it belongs to the history. */
export async function measure(context: SweepContext): Promise<Baseline> {
  const { stage, sleep } = context;
  const stop = context.spots.learnIdle();
  await sleep(IDLE_MS);
  stop();
  const { provision, clock } = stage.capabilities;
  let turn = 0;
  const party = (points = price(context) * 10): Promise<Party> =>
    newParty(context, `warm-${(turn += 1)}`, points, turn);
  // Connections and scripts are set up by the first one.
  await watched(context, await party(), 'a');
  const { customer, answerMs, ...fresh } = await steady(context, party);
  if (fresh.outcome !== 'ok')
    throw harnessError('baseline', 'the endpoint does not confirm a redemption while nothing disturbs it', {
      expected: 'a 200 or 201',
      found: fresh.shown,
    });
  const ways: SweepFacts['ways'][number][] = [wayOf('fresh', fresh)];
  if (!context.spots.seesMessages) return { ways, recoveries: [], answerMs };
  ways.push(wayOf('replay', await again(() => watched(context, customer, 'a'))));
  if (provision) {
    const refused = async (): Promise<Watched> => watched(context, await party(price(context) - 1), 'a');
    ways.push(wayOf('refusal', await again(refused)));
    const { ttlMs } = stage.contract;
    if (clock && ttlMs !== 'unspecified') {
      const expired = async (): Promise<Watched> => {
        const old = await party();
        await redeemWhole(context, old);
        await advanceClock(context, old.id, ttlMs);
        return watched(context, old, 'a');
      };
      ways.push(wayOf('expired', await again(expired)));
    }
  }
  const recoveries = provision ? await recoveriesOf(context, fresh.messages, party) : [];
  return { ways, recoveries, answerMs };
}

/** A way is taken once before it counts: the first one loads the scripts and prepares the statements that only it needs. */
async function again(way: () => Promise<Watched>): Promise<Watched> {
  await way();
  return await way();
}

/**
 * A first use whose messages came twice: what an earlier request says late (a record behind its reply) is not this one's.
 * One that fails now and then by itself has a way all the same: what it does then is for the schedules to show.
 */
async function steady(
  context: SweepContext,
  party: () => Promise<Party>,
): Promise<Watched & { readonly customer: Party; readonly answerMs: number }> {
  const seen = new Set<string>();
  let best: (Watched & { readonly customer: Party; readonly answerMs: number }) | undefined;
  for (let tries = 1; ; tries++) {
    const customer = await party();
    const startedAt = context.now();
    const fresh = await watched(context, customer, 'a');
    const isDone = fresh.outcome === 'ok';
    if (isDone || best === undefined) best = { ...fresh, customer, answerMs: fresh.answeredAt - startedAt };
    const way = JSON.stringify(fresh.messages);
    if ((isDone && seen.has(way)) || tries === TRIES) return best;
    if (isDone) seen.add(way);
  }
}

/** The retry's messages after the connection was cut behind each message of a first use. */
async function recoveriesOf(
  context: SweepContext,
  messages: readonly Spot[],
  party: () => Promise<Party>,
): Promise<Baseline['recoveries']> {
  if (context.spots.missing.has('cut-after')) return [];
  const recoveries: Baseline['recoveries'][number][] = [];
  for (const spot of messages) {
    const customer = await party();
    const intent = intentOf(context, customer, 'a');
    const watch = context.spots.begin({ replica: 0, key: intent.key });
    const held = await watch.stand('cut-after', spot);
    const sending = context.client.send(intent, { to: here(context), timeoutMs: context.patience.answerMs });
    const isMet = await Promise.race([held.reached, sending.then(() => watch.quiet()).then(() => false)]);
    if (isMet) await held.cut();
    const { complete } = await sending;
    await watch.quiet();
    await watch.end();
    // A process that died of the cut comes back by itself.
    await context.stage.environment.waitReady(context.patience.restartMs);
    // Where the first attempt was confirmed all the same, its retry is a replay.
    if (!isMet || complete.outcome === 'ok') continue;
    await context.sleep(20);
    const retry = await watched(context, customer, 'a', intent);
    if (retry.messages.length > 0)
      recoveries.push({ after: { ...spot, kind: 'cut-after' }, messages: retry.messages });
  }
  return recoveries;
}

interface Watched {
  readonly messages: readonly Spot[];
  readonly uncounted: number;
  readonly outcome: string;
  readonly shown: string;
  readonly answeredAt: number;
}

async function watched(
  context: SweepContext,
  party: Party,
  letter: string,
  intent = intentOf(context, party, letter),
): Promise<Watched> {
  const watch = context.spots.begin({ replica: 0, key: intent.key });
  const answer = await context.client.send(intent, {
    to: here(context),
    timeoutMs: context.patience.answerMs,
  });
  const answeredAt = context.now();
  await watch.quiet();
  const messages = watch.seen.map(({ door, k, name }) => ({ door, k, name }));
  const uncounted = watch.uncountedCount();
  await watch.end();
  const { outcome, status, code, error } = answer.complete;
  const shown = [status ?? 'no answer', code, error].filter((part) => part !== undefined).join(' ');
  return { messages, uncounted, outcome, shown, answeredAt };
}

/** To its end, and until nothing of it comes any more. */
async function redeemWhole(context: SweepContext, party: Party): Promise<void> {
  const intent = intentOf(context, party, 'a');
  const watch = context.spots.begin({ replica: 0, key: intent.key });
  for (let tries = 1; tries <= TRIES; tries++) {
    const sent = await context.client.send(intent, {
      to: here(context),
      timeoutMs: context.patience.answerMs,
    });
    const answer = await pursue(context, intent, sent, here(context));
    if (answer.complete.outcome === 'ok') break;
  }
  await watch.quiet();
  await watch.end();
}

function wayOf(way: SweepWay, { messages, uncounted }: Watched): SweepFacts['ways'][number] {
  return { way, messages, uncounted };
}
