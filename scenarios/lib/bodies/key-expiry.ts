/** key-expiry: the sweep around the expiry and around the tombstone's end, on a frozen clock. */
import { coversDuplicates, keyPhase, tombstoneEndMs } from '../../../harness/model/contract.ts';
import { attempt, together } from '../attempt.ts';
import { insist, judgeRefusal, pursue } from '../client.ts';
import { count, type MomentName } from '../counters.ts';
import { now } from '../events.ts';
import { armPause, freezeClock, type FrozenClock } from '../hooks.ts';
import { refuses } from '../lawful.ts';
import { pause } from '../pause.ts';
import type { Play } from '../scenario.ts';
import {
  anotherKey,
  choice,
  dearest,
  isRefusal,
  newIntent,
  type Attempt,
  type Intent,
  type Story,
} from '../story.ts';
import { bestOf, disbelieve, namesTheSame, noteReplay } from './shared.ts';

/** Keys that live no longer than this can be waited for without a clock, ms. */
const WAITABLE_MS = 10_000;
/** How long the endpoint is held in the middle of a redemption, ms: longer than a probe and a clock move, shorter than a lease. */
const HOLD_MS = 300;

/** How long before its expiry a key is left to a running clock, ms, and how often it is sent until twice as long is over. */
const OVERTAKEN_MS = 200;
const OVERTAKEN_REPLAYS = 6;
/** How many come at once at an instant of the contract. */
const BURST = 3;

export const keyExpiry: Play = {
  name: 'key-expiry',
  prefix: 'ke',
  movesClocks: true,
  points: (settings) => dearest(settings) * 4,
  wants: [
    { moment: 'replays_seen', needs: 'nothing' },
    { moment: 'expiry_before_seen', needs: 'clock' },
    { moment: 'expiry_at_seen', needs: 'clock' },
    { moment: 'expiry_after_seen', needs: 'clock' },
    { moment: 'expiry_in_flight_seen', needs: 'clock' },
    { moment: 'tombstone_end_seen', needs: 'clock' },
  ],
  act: async (story) => {
    const { ttlMs } = story.contract;
    const hasClock = story.capabilities.clock === true && ttlMs !== 'unspecified';
    if (!hasClock)
      return ttlMs !== 'unspecified' && ttlMs <= WAITABLE_MS ? waited(story, ttlMs) : atOnce(story);
    const visits = story.settings.hasClockJumps ? VISITS.flatMap((one) => [one, overtaken]) : VISITS;
    const visit = visits[story.iteration % visits.length] ?? before;
    const clock = await freezeClock(story, story.owner);
    try {
      await visit(story, clock, ttlMs);
    } finally {
      // A lease that lapses by this clock, and the settling after the run, need it to run.
      await clock.release();
    }
  },
};

type Visit = (story: Story, clock: FrozenClock, ttlMs: number) => Promise<void>;

const VISITS: readonly Visit[] = [
  before,
  at,
  after,
  inFlight,
  notRenewed,
  tombstoneBefore,
  tombstoneNamed,
  tombstoneUnnamed,
  burstAtExpiry,
  burstAtTombstoneEnd,
  windowEnd,
];

async function before(story: Story, clock: FrozenClock, ttlMs: number): Promise<void> {
  const intent = await accepted(story);
  if (intent === undefined) return;
  const answer = await probe(story, intent, clock, ttlMs - 1, 'expiry_before_seen');
  await finish(story, intent, answer);
}

async function at(story: Story, clock: FrozenClock, ttlMs: number): Promise<void> {
  const intent = await accepted(story);
  if (intent === undefined) return;
  const answer = await probe(story, intent, clock, ttlMs, 'expiry_at_seen');
  await finish(story, intent, answer);
}

async function after(story: Story, clock: FrozenClock, ttlMs: number): Promise<void> {
  const intent = await accepted(story);
  if (intent === undefined) return;
  const answer = await probe(story, intent, clock, ttlMs + 1, 'expiry_after_seen');
  await finish(story, intent, answer);
}

/** The clock runs, and jumps with the store's: replays before, across and after the expiry, whenever that is. */
async function overtaken(story: Story, clock: FrozenClock, ttlMs: number): Promise<void> {
  const intent = await accepted(story);
  if (intent === undefined) return;
  await clock.set(ttlMs - OVERTAKEN_MS);
  await clock.release();
  let answer: Attempt | undefined;
  for (let number = 0; number < OVERTAKEN_REPLAYS; number++) {
    answer = await insist(story, intent);
    if (answer !== undefined) judgeRefusal(story, answer, [story.contract.expiredKey]);
    await pause((OVERTAKEN_MS * 2) / OVERTAKEN_REPLAYS);
  }
  noteReplay(intent);
  await finish(story, intent, answer);
}

/** A replay at the last moment must not give the key another life. */
async function notRenewed(story: Story, clock: FrozenClock, ttlMs: number): Promise<void> {
  const intent = await accepted(story);
  if (intent === undefined) return;
  await probe(story, intent, clock, Math.floor(ttlMs / 2), 'replays_seen');
  await probe(story, intent, clock, ttlMs - 1, 'expiry_before_seen');
  const answer = await probe(story, intent, clock, ttlMs, 'expiry_at_seen');
  await finish(story, intent, answer);
}

/** The first attempt is held in the middle while the clock passes the expiry of its key. */
async function inFlight(story: Story, clock: FrozenClock, ttlMs: number): Promise<void> {
  const intent = newIntent(story);
  const { contract } = story;
  if (story.capabilities.crash === true) await armPause(story, 'after-claim', intent.key, HOLD_MS);
  const sent = [attempt(story, intent)];
  // "In progress" for one proves that the other's key was accepted before the move, whichever came first. An endpoint
  // that lets duplicates wait says nothing.
  if (refuses(contract.inFlight)) sent.push(attempt(story, intent));
  const early = sent.length > 1 ? await Promise.race(sent) : undefined;
  const movingFrom = now();
  await clock.set(ttlMs + 1);
  const movedAt = now();
  const answers = await Promise.all(sent);
  if (answers.some(({ completedAt }) => completedAt >= movedAt)) count('expiry_in_flight_seen');
  for (const answer of answers) {
    // What was held back on its way met the key when it had expired.
    const isBefore = answer === early || answer.completedAt < movingFrom;
    judgeRefusal(story, answer, isBefore ? [contract.inFlight] : [contract.inFlight, contract.expiredKey]);
  }
  allow(story, intent, ttlMs + 1);
  const later = await insist(story, intent);
  const first = answers.find(({ outcome }) => outcome === 'ok');
  const wasInProgress = early !== undefined && isRefusal(early, contract.inFlight);
  // Behind a hop a copy may have been in progress, and this one have begun the key's next life.
  const isOfFirstLife =
    first !== undefined &&
    (first === early || first.completedAt < movingFrom || !story.settings.hasFaultyHop);
  const isCertain = isOfFirstLife || keyPhase(contract, ttlMs + 1) !== 'new';
  if (later !== undefined && first !== undefined && wasInProgress && isCertain) {
    judgeAge(story, intent, first, later, ttlMs + 1);
  }
  await finish(story, intent, later);
}

async function tombstoneBefore(story: Story, clock: FrozenClock): Promise<void> {
  const intent = await accepted(story);
  if (intent === undefined) return;
  const answer = await probe(story, intent, clock, tombstoneEndMs(story.contract) - 1, 'expiry_after_seen');
  await finish(story, intent, answer);
}

/** At the tombstone's end a key is new; the client's own name for the intent still is not. */
async function tombstoneNamed(story: Story, clock: FrozenClock): Promise<void> {
  const intent = await accepted(story);
  if (intent === undefined) return;
  const answer = await probe(story, intent, clock, tombstoneEnd(story), 'tombstone_end_seen');
  await finish(story, intent, answer);
}

/** Without a name for the intent the key redeems a second time, and may: a life of its own. */
async function tombstoneUnnamed(story: Story, clock: FrozenClock): Promise<void> {
  const intent = await accepted(story, false);
  if (intent === undefined) return;
  const answer = await probe(story, intent, clock, tombstoneEnd(story), 'tombstone_end_seen');
  await finish(story, intent, answer);
}

/** Several at once just before, at and just after the expiry. */
async function burstAtExpiry(story: Story, clock: FrozenClock, ttlMs: number): Promise<void> {
  const phase = choice(story, 3, 'phase') - 1;
  await burst(story, clock, ttlMs + phase);
}

/** First uses at once, the tombstone being just over: one of them makes the new life of the key. */
async function burstAtTombstoneEnd(story: Story, clock: FrozenClock): Promise<void> {
  await burst(story, clock, tombstoneEnd(story));
}

async function burst(story: Story, clock: FrozenClock, ageMs: number): Promise<void> {
  const intent = await accepted(story, false);
  if (intent === undefined) return;
  await clock.set(ageMs);
  allow(story, intent, ageMs);
  const way = 'time: several at once at an instant of the contract';
  const { inFlight, expiredKey, duplicateIntent } = story.contract;
  const answers = await together(
    Array.from({ length: BURST }, () => (of: number) => attempt(story, intent, { together: of, way })),
  );
  count('bursts_seen');
  const isLive = keyPhase(story.contract, ageMs) === 'live';
  const rows = isLive ? [inFlight] : [inFlight, expiredKey, duplicateIntent];
  for (const answer of answers) judgeRefusal(story, answer, rows);
  await finish(story, intent, bestOf(answers));
}

/** The same redemption without a name: a duplicate until the window is over, an honest one from then on. */
async function windowEnd(story: Story, clock: FrozenClock, ttlMs: number): Promise<void> {
  const { duplicateIntent, duplicateWindowMs: windowMs } = story.contract;
  if (!coversDuplicates(story.contract) || windowMs <= 0 || story.settings.hasClockJumps)
    return before(story, clock, ttlMs);
  const first = await accepted(story, false);
  if (first === undefined) return;
  await finish(story, first, first.attempts.at(-1));
  // Not both for one customer: what was refused a moment ago would be an original, too.
  if (Math.floor(story.iteration / VISITS.length) % 2 === 1) {
    await clock.set(windowMs - 1);
    const key = anotherKey(story, first, 1);
    const way = 'time: just before the end of the duplicate window';
    const early = await insist(story, first, { key, way });
    // A copy of it that comes when the window is over is an honest redemption.
    first.effectLimit = 2;
    if (early !== undefined) judgeRefusal(story, early, [duplicateIntent]);
    return;
  }
  await clock.set(windowMs);
  const later = newIntent(story, { payload: first.payload });
  await pursue(story, later, { attempt: { way: 'time: at the end of the duplicate window' } });
  if (later.state === 'done') count('window_end_seen');
}

/** An endpoint whose expired keys are new at once has no tombstones: its end is the expiry. */
function tombstoneEnd({ contract }: Story): number {
  const ttlMs = contract.ttlMs === 'unspecified' ? 0 : contract.ttlMs;
  return refuses(contract.expiredKey) ? Math.max(ttlMs, tombstoneEndMs(contract)) : ttlMs;
}

/** An intent whose key was accepted on the frozen clock, its answer not yet taken note of; undefined when it had no luck. */
async function accepted(story: Story, named?: boolean): Promise<Intent | undefined> {
  const intent = newIntent(story, named === undefined ? {} : { named });
  const first = await insist(story, intent);
  if (first?.outcome === 'ok') return intent;
  await pursue(story, intent, first === undefined ? {} : { after: first });
  return undefined;
}

/** Sends the same again at an exact age of the key, and judges the answer by the phase that the contract gives it. */
async function probe(
  story: Story,
  intent: Intent,
  clock: FrozenClock,
  ageMs: number,
  moment: MomentName,
): Promise<Attempt | undefined> {
  const first = intent.attempts.find(({ outcome }) => outcome === 'ok');
  await clock.set(ageMs);
  allow(story, intent, ageMs);
  const answer = await insist(story, intent);
  if (answer === undefined || first === undefined) return answer;
  count(moment);
  judgeAge(story, intent, first, answer, ageMs);
  return answer;
}

/** How many debits the contract lets an intent make, its key being this old. */
function allow(story: Story, intent: Intent, ageMs: number): void {
  const phase = keyPhase(story.contract, ageMs);
  if (phase === 'unspecified') intent.effectLimit = Infinity;
  if (phase !== 'new') return;
  const { duplicateIntent } = story.contract;
  if (duplicateIntent === 'unspecified') intent.effectLimit = Infinity;
  else if (!isKnownByName(story, intent)) intent.effectLimit = 2;
}

function isKnownByName(story: Story, intent: Intent): boolean {
  return intent.payload.clientRedemptionId !== undefined && coversDuplicates(story.contract);
}

function judgeAge(story: Story, intent: Intent, first: Attempt, answer: Attempt, ageMs: number): void {
  const { contract } = story;
  const phase = keyPhase(contract, ageMs);
  const isSame = answer.outcome === 'ok' && namesTheSame(answer, first);
  if (phase === 'live') {
    if (!isSame) count('expiry_errors');
    else noteReplay(intent);
  } else if (phase === 'expired') {
    if (answer.outcome === 'ok') count('expiry_errors');
    else judgeRefusal(story, answer, [contract.expiredKey]);
  } else if (phase === 'new') {
    judgeNew(
      story,
      intent,
      answer,
      isSame && answer.redemption !== undefined && first.redemption !== undefined,
    );
  }
}

/** As a first use: with a name that is known, a duplicate or the original's answer; else a redemption of its own. */
function judgeNew(story: Story, intent: Intent, answer: Attempt, isSame: boolean): void {
  const { duplicateIntent } = story.contract;
  if (duplicateIntent === 'unspecified') return;
  if (isKnownByName(story, intent)) {
    judgeRefusal(story, answer, [duplicateIntent]);
    if (isRefusal(answer, duplicateIntent)) count('duplicates_refused_seen');
    if (answer.outcome === 'ok' && !(duplicateIntent === 'replay' && isSame)) count('expiry_errors');
  } else if (answer.outcome !== 'ok' || isSame) {
    count('expiry_errors');
  }
}

/** The client goes on by its policy from the last answer: the literal one now makes a new key, and redeems again. */
async function finish(story: Story, intent: Intent, answer: Attempt | undefined): Promise<void> {
  const { expiredKey, duplicateIntent } = story.contract;
  await pursue(story, intent, {
    ...(answer === undefined ? {} : { after: answer }),
    refusals: [expiredKey, duplicateIntent],
  });
}

/** No clock, a long life: only that a key replays at once. */
async function atOnce(story: Story): Promise<void> {
  const intent = newIntent(story);
  await pursue(story, intent);
  if (intent.state === 'done') await disbelieve(story, intent);
}

/** No clock, a short life: waits for real, and judges nothing within the measured uncertainty of the acceptance. */
async function waited(story: Story, ttlMs: number): Promise<void> {
  const intent = await accepted(story);
  if (intent === undefined) return;
  const first = intent.attempts.find(({ outcome }) => outcome === 'ok');
  const acceptedFrom = Math.min(...intent.attempts.map(({ invokedAt }) => invokedAt));
  if (first === undefined) return;
  const ask = async (): Promise<Attempt | undefined> => {
    const answer = await insist(story, intent);
    if (answer === undefined) return undefined;
    const youngest = answer.invokedAt - first.completedAt;
    const oldest = answer.completedAt - acceptedFrom;
    if (keyPhase(story.contract, youngest) === keyPhase(story.contract, oldest)) {
      judgeAge(story, intent, first, answer, youngest);
    }
    return answer;
  };
  await ask();
  await pause(ttlMs - (now() - first.completedAt) + 5);
  // The age is known only afterwards: allow what the oldest possible age allows.
  allow(story, intent, now() - acceptedFrom + story.settings.timeoutMs);
  await finish(story, intent, await ask());
}
