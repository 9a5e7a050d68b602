/** Draws an iteration of a script: what was sent and answered, at ms since its start. */
import { PROFILES, type Contract } from '../../harness/model/contract.ts';
import { referenceTarget } from '../../harness/model/target.ts';
import { newIntent, type Attempt, type Intent, type Party, type Story } from '../../scenarios/lib/story.ts';

export const T0 = 1_800_000_000_000;

export interface StoryOptions {
  readonly isFresh?: boolean;
  /** Whether the body names the intent. */
  readonly isNamed?: boolean;
  readonly contract?: Partial<Contract>;
  readonly hasFaultyHop?: boolean;
  readonly hasClockJumps?: boolean;
  readonly hasMovedClock?: boolean;
  readonly customer?: string;
}

export interface DrawnIntent {
  readonly intent: Intent;
  readonly key: string;
  /** A 200 after so many ms, under another key where one is given. */
  ok(redemption: string | undefined, at?: number, key?: string): Attempt;
  /** The refusal of a row; `null`: sent without a key. */
  refused(row: unknown, at?: number, key?: string | null): Attempt;
  lost(at?: number): Attempt;
}

export interface DrawnStory {
  readonly story: Story;
  readonly owner: Party;
  at(ms: number): number;
  intent(options?: Parameters<typeof newIntent>[1]): DrawnIntent;
}

export function drawStory({
  isFresh = true,
  isNamed = true,
  contract,
  hasFaultyHop = false,
  hasClockJumps = false,
  hasMovedClock = false,
  customer = 'ada',
}: StoryOptions = {}): DrawnStory {
  const target = referenceTarget('http://127.0.0.1:1');
  const owner: Party = { id: customer, token: 't', isFresh, opening: {}, credits: 0 };
  // Only these members are read by what is tested with it.
  const settings = {
    target,
    redeemTarget: target,
    seed: '7',
    client: 'seed',
    keyShape: 'uuid',
    listLagMs: 0,
  };
  const story = {
    settings: { ...settings, hasFaultyHop, hasClockJumps },
    contract: { ...PROFILES.seed, ...contract },
    capabilities: {},
    runId: 'r1',
    iteration: 1,
    prefix: 'x',
    owner,
    parties: [owner],
    intents: [],
    hasMovedClock,
  } as unknown as Story;
  const reward = { id: 'reward_67890', points: 500 };
  return {
    story,
    owner,
    at: (ms) => T0 + ms,
    intent: (options = {}) =>
      drawn(newIntent(story, { reward, type: 'voucher', named: isNamed, ...options })),
  };
}

function drawn(intent: Intent): DrawnIntent {
  const push = (at: number, key: string | null | undefined, members: Partial<Attempt>): Attempt => {
    intent.sentCount += 1;
    const answer: Attempt = {
      name: `${intent.id}.${intent.sentCount}`,
      key: key === null ? undefined : (key ?? intent.key),
      payload: intent.payload,
      invokedAt: T0 + at - 1,
      completedAt: T0 + at,
      outcome: 'info',
      status: 0,
      by: 'server',
      body: '',
      ...members,
    };
    intent.attempts.push(answer);
    return answer;
  };
  return {
    intent,
    key: intent.key,
    ok: (redemption, at = 5, key) => {
      intent.state = 'done';
      return push(at, key, { outcome: 'ok', status: 200, ...(redemption !== undefined && { redemption }) });
    },
    refused: (row, at = 5, key) => {
      const { status, code } = row as { readonly status: number; readonly code?: string };
      return push(at, key, { outcome: 'fail', status, ...(code !== undefined && { code }) });
    },
    lost: (at = 5) => push(at, undefined, {}),
  };
}
