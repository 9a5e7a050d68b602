/** What is done while a request stands, by kind. Each act leaves nothing held, stopped or down. */

import type { StandOutcome, SweepKind } from '../model/stand.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import type { Answer, SweepIntent } from './client.ts';
import { elsewhere, here } from './context.ts';
import { advanceClock, intentOf, otherPayload } from './party.ts';
import { isInFlight } from './pursue.ts';
import type { Hold } from './spots.ts';
import type { Standing } from './standing.ts';

export interface Act {
  readonly hold: Hold;
  /** Whether the client of the request that stands waits shortly, so that it gives up meanwhile. */
  readonly isImpatient?: boolean;
  readonly run: (standing: Standing) => Promise<StandOutcome>;
}

/** How often it is looked whether the other request is through. ms */
const LOOK_MS = 5;
/** How often the same key is sent again until its lease has lapsed. ms */
const LEASE_LOOK_MS = 150;

export const ACTS: Readonly<Record<SweepKind, Act>> = {
  'cut-before': { hold: 'cut-before', run: cut },
  'cut-after': { hold: 'cut-after', run: cut },
  'reply-held': {
    hold: 'hold-reply',
    run: async ({ sending, held }) => {
      await sending;
      await held.release();
      return 'held';
    },
  },
  'kill-before': { hold: 'hold-message', run: kill },
  'kill-after': { hold: 'hold-reply', run: kill },
  paused: { hold: 'hold-message', isImpatient: true, run: pause },
  'client-retries': {
    hold: 'hold-message',
    isImpatient: true,
    run: async (standing) => {
      await standing.sending;
      return await beside(standing, () => again(standing, here(standing.context)));
    },
  },
  'same-key': {
    hold: 'hold-message',
    run: (standing) => beside(standing, () => again(standing, here(standing.context))),
  },
  'same-key-elsewhere': {
    hold: 'hold-message',
    run: (standing) => beside(standing, () => again(standing, elsewhere(standing.context))),
  },
  'other-key': {
    hold: 'hold-message',
    run: (standing) => {
      const { context, party, intent } = standing;
      // The same redemption by its own name, under a key of its own: one intent for the client, sent twice.
      const { key } = intentOf(context, party, 'b');
      return beside(standing, () => send(standing, { ...intent, key }, elsewhere(context)));
    },
  },
  'other-payload': {
    hold: 'hold-message',
    run: (standing) => {
      const { context, party, intent } = standing;
      const other = { ...intentOf(context, party, 'b', otherPayload(context, intent)), key: intent.key };
      return beside(standing, () => send(standing, other, elsewhere(context)));
    },
  },
  'last-points': {
    hold: 'hold-message',
    run: (standing) => {
      const other = intentOf(standing.context, standing.party, 'b');
      return beside(standing, () => send(standing, other, elsewhere(standing.context)));
    },
  },
  read: {
    hold: 'hold-message',
    run: (standing) => {
      const { context, intent } = standing;
      return beside(standing, () =>
        context.client.read(elsewhere(context), intent, context.patience.answerMs),
      );
    },
  },
  'past-lease': { hold: 'hold-message', run: pastLease },
  'past-expiry': { hold: 'hold-message', run: pastExpiry },
};

async function cut({ held }: Standing): Promise<StandOutcome> {
  await held.cut();
  return 'held';
}

/** The process dies where it stands; what it had sent may be done, what it would have heard it never hears. */
async function kill({ context, held, stand, sending }: Standing): Promise<StandOutcome> {
  const { environment } = context.stage;
  const [replica] = environment.replicas;
  if (stand.door === 'server') {
    // Its crash is what was armed: it comes back by itself.
    await sending;
    await environment.waitReady(context.patience.restartMs, 1);
    return 'held';
  }
  await replica?.kill();
  await held.cut();
  await sending;
  await replica?.restart();
  await environment.waitReady(context.patience.restartMs, 1);
  return 'held';
}

async function pause(standing: Standing): Promise<StandOutcome> {
  const { context, held, sending } = standing;
  const [replica] = context.stage.environment.replicas;
  replica?.pause();
  try {
    await held.release();
    await sending;
    // Its client comes again; where there is only this process, its request waits with it.
    if (context.replicas.length < 2) return 'held';
    return await through(standing, again(standing, elsewhere(context)));
  } finally {
    replica?.resume();
  }
}

/** Held until the endpoint lets the same key in again: only then is the first one too late. */
async function pastLease(standing: Standing): Promise<StandOutcome> {
  const { context } = standing;
  const { contract } = context.stage;
  const until = context.now() + context.patience.leaseMs;
  return await beside(
    standing,
    async () => {
      for (;;) {
        const answer = await again(standing, elsewhere(context));
        if (!isInFlight(contract, answer) || context.now() >= until) return answer;
        await context.sleep(LEASE_LOOK_MS);
      }
    },
    context.patience.leaseMs,
  );
}

/** A clock that lies behind the first one's lock cannot be moved while it stands: that is serialised, too. */
async function pastExpiry(standing: Standing): Promise<StandOutcome> {
  const { context, party, held } = standing;
  const { ttlMs } = context.stage.contract;
  const moving = advanceClock(context, party.id, ttlMs === 'unspecified' ? 0 : ttlMs);
  const late = context.sleep(context.patience.otherMs).then(() => false);
  const isMoved = await Promise.race([moving.then(() => true), late]);
  if (isMoved) return await beside(standing, () => again(standing, elsewhere(context)));
  await held.release();
  standing.loose.push(moving.then(() => again(standing, elsewhere(context))));
  return 'serialised';
}

/** The other request runs while the first one stands; then the first one goes on. */
async function beside(
  standing: Standing,
  other: () => Promise<unknown>,
  limitMs = standing.context.patience.otherMs,
): Promise<StandOutcome> {
  const running = other();
  const outcome = await through(standing, running, limitMs);
  // From here on nobody stands: what still runs is waited for afterwards.
  standing.loose.push(running);
  await standing.held.release();
  return outcome;
}

/** `held` when it ran whole; else why it did not: it waits for the first, or its messages stand behind the held one. */
async function through(
  { context, held, watch }: Standing,
  running: Promise<unknown>,
  limitMs = context.patience.otherMs,
): Promise<StandOutcome> {
  const end = running.then(() => 'held' as const);
  const already = watch.seen.length;
  const until = context.now() + limitMs;
  for (;;) {
    const outcome = await Promise.race([end, context.sleep(LOOK_MS)]);
    if (outcome !== undefined) return outcome;
    const connection = held.connection();
    const isBehind =
      connection !== undefined && watch.seen.slice(already).some((seen) => seen.connection === connection);
    if (isBehind) return 'queued';
    if (context.now() >= until) return 'serialised';
  }
}

function again(standing: Standing, to: string): Promise<Answer> {
  return send(standing, standing.intent, to);
}

function send(
  { context, others }: Standing,
  intent: SweepIntent,
  to: string,
  payload?: RedeemPayload,
): Promise<Answer> {
  const answer = context.client.send(intent, {
    to,
    timeoutMs: context.patience.answerMs,
    ...(payload !== undefined && { payload }),
  });
  others.push({ intent, answer });
  return answer;
}
