/** Several attempts of the redemption core at once, in an order that fast-check draws, with a crash at any await. */

import fc from 'fast-check';
import { PROFILES } from '../../harness/model/contract.ts';
import type { LedgerReading } from '../../harness/model/protocol.ts';
import type { Defect } from '../../reference-server/defects/defect.ts';
import { MemoryStore } from '../../reference-server/memory-store.ts';
import { redeem, type RedeemOutcome, type RedeemParts, type Step } from '../../reference-server/redeem.ts';
import { fingerprintOf } from '../../reference-server/rules.ts';
import type { Payload, Store } from '../../reference-server/store.ts';

const CUSTOMER = 'cust_1';
const LEASE_MS = 1000;

export const START_POINTS = 1200;

/** One attempt: under which key, and at which of its steps its process dies (absent: it lives). */
export interface DrawnAttempt {
  readonly key: 'k1' | 'k2';
  readonly diesAtStep?: number;
}

export interface DrawnRun {
  readonly attempts: readonly DrawnAttempt[];
  /** How often the lease time passes, at moments that the scheduler chooses. */
  readonly lapses: number;
}

export const runs: fc.Arbitrary<DrawnRun> = fc.record({
  attempts: fc.array(
    fc.record(
      { key: fc.constantFrom('k1' as const, 'k2' as const), diesAtStep: fc.nat({ max: 12 }) },
      { requiredKeys: ['key'] },
    ),
    { minLength: 2, maxLength: 5 },
  ),
  lapses: fc.nat({ max: 2 }),
});

export interface Aftermath {
  readonly ledger: LedgerReading;
  readonly balance: number;
  /** What the last, undisturbed retry of each key was told. */
  readonly settled: ReadonlyMap<string, RedeemOutcome>;
  /** Every answered 200, by key. */
  readonly answers: readonly { readonly key: string; readonly body: string }[];
}

/** Runs all attempts in the scheduler's order, then retries each key undisturbed, as a patient client would. */
export async function interleave(
  scheduler: fc.Scheduler,
  drawn: DrawnRun,
  defect?: Defect,
): Promise<Aftermath> {
  const clock = { nowMs: 1_700_000_000_000 };
  const store = new MemoryStore(() => clock.nowMs);
  await store.provision({ customer: CUSTOMER, points: START_POINTS, reset: false });
  const answers: { key: string; body: string }[] = [];
  const note = (key: string, outcome: RedeemOutcome): void => {
    if (outcome.kind === 'answered' && outcome.answer.status === 200)
      answers.push({ key, body: outcome.answer.body });
  };
  const ids = { next: 0 };
  for (const [index, attempt] of drawn.attempts.entries()) {
    const parts = partsOf(store, ids, clock, stepsOf(scheduler, index, attempt), defect);
    // An attempt whose process has died never settles; nothing waits for it.
    void redeem(parts, { key: attempt.key, payload: payloadOf(attempt.key) }).then((outcome) =>
      note(attempt.key, outcome),
    );
  }
  for (let lapse = 0; lapse < drawn.lapses; lapse++) {
    void scheduler.schedule(Promise.resolve(), 'the lease time passes').then(() => (clock.nowMs += LEASE_MS));
  }
  await scheduler.waitIdle();
  const settled = new Map<string, RedeemOutcome>();
  for (const key of new Set(drawn.attempts.map((attempt) => attempt.key))) {
    clock.nowMs += 2 * LEASE_MS;
    const outcome = await redeem(
      partsOf(store, ids, clock, async () => {}, defect),
      { key, payload: payloadOf(key) },
    );
    settled.set(key, outcome);
    note(key, outcome);
  }
  const ledger = (await store.ledger(CUSTOMER)) ?? { debits: [], credits: [], rewards: [] };
  return { ledger, balance: (await store.balance(CUSTOMER)) ?? Number.NaN, settled, answers };
}

/** Each step is a task of the scheduler; from the drawn one on, nothing of this attempt ever goes on. */
function stepsOf(scheduler: fc.Scheduler, index: number, { diesAtStep }: DrawnAttempt): Step {
  let count = 0;
  return async (point) => {
    const isLast = count === diesAtStep;
    count += 1;
    await scheduler.schedule(Promise.resolve(), `attempt ${index}: ${point}${isLast ? ', dies' : ''}`);
    if (isLast) await new Promise<never>(() => {});
  };
}

function partsOf(
  store: Store,
  ids: { next: number },
  clock: { nowMs: number },
  step: Step,
  defect: Defect | undefined,
): RedeemParts {
  const parts: RedeemParts = {
    store,
    contract: PROFILES.seed,
    fulfil: async () => {},
    step,
    isRewardKnown: () => true,
    newId: () => `${(ids.next += 1)}`,
    fingerprint: fingerprintOf,
    leaseMs: LEASE_MS,
    waitMs: 0,
    sleep: async (ms) => void (clock.nowMs += ms),
    clockErrorMs: () => 0,
    splitsDebit: () => true,
  };
  return defect ? defect.apply(parts) : parts;
}

/** Two intents that are honestly different: each key has its own client_redemption_id. */
function payloadOf(key: string): Payload {
  return {
    customer: CUSTOMER,
    reward: 'reward_67890',
    points: 500,
    type: 'discount',
    clientRedemptionId: `own-${key}`,
  };
}
