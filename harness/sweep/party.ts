/** The customer of one schedule, its intents, and its clock. */

import { ask } from '../environment/hooks-client.ts';
import { harnessError } from '../base/errors.ts';
import type { ObserveEvent } from '../history/events.ts';
import { uuidFrom } from '../model/decide.ts';
import { fillPath, HOOK_PATHS } from '../model/protocol.ts';
import { otherPayloads } from '../model/other-payload.ts';
import type { RedeemPayload } from '../model/redeem-request.ts';
import type { SweepIntent } from './client.ts';
import type { SweepContext } from './context.ts';

export interface Party {
  readonly id: string;
  readonly token: string;
  /** Intents and, where it was made for the schedule, the customer are named so. */
  readonly name: string;
}

const HOOK_TIMEOUT_MS = 5000;
const OPENING_TRIES = 20;

/** What one redemption costs. */
export function price({ stage }: Pick<SweepContext, 'stage'>): number {
  return stage.target.rewards[0]?.points ?? 1;
}

/** Makes a customer with points, or takes the next of the list, and writes down what it has. */
export async function newParty(
  context: SweepContext,
  name: string,
  points: number,
  turn: number,
): Promise<Party> {
  const { stage, runId } = context;
  if (stage.capabilities.provision) {
    const id = `cust_${runId}_${name}`;
    const made = await hook(context, 'POST', HOOK_PATHS.customers, { customer_id: id, points });
    const token = typeof made['token'] === 'string' ? made['token'] : await stage.tokenFor(id);
    await open(context, id);
    return { id, token, name };
  }
  const listed = stage.customers[turn % Math.max(1, stage.customers.length)];
  if (listed === undefined) throw harnessError('customers', 'there is no customer to redeem for');
  if (turn < stage.customers.length) await open(context, listed.id);
  return { id: listed.id, token: listed.token ?? (await stage.tokenFor(listed.id)), name };
}

/** The balance, the list and the ledger before anything happens; a store that was just disturbed may need a moment. */
async function open({ endpoint, emit, now, sleep }: SweepContext, customer: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const events: ObserveEvent[] = await endpoint.read(customer, now);
      for (const event of events) emit({ ...event, via: 'script' });
      return;
    } catch (error) {
      if (tries >= OPENING_TRIES) throw error;
      await sleep(100);
    }
  }
}

/** An intent of a party: `letter` tells it from others of the same schedule. */
export function intentOf(
  { seed, runId, stage }: SweepContext,
  party: Party,
  letter: string,
  more: Partial<RedeemPayload> = {},
): SweepIntent {
  const id = `${party.name}-${letter}`;
  const [reward] = stage.target.rewards;
  const [type] = stage.target.redemptionTypes;
  return {
    id,
    key: uuidFrom(seed, runId, id),
    token: party.token,
    attempts: { sent: 0 },
    payload: {
      customer: party.id,
      reward: reward?.id ?? '',
      points: reward?.points ?? 1,
      ...(type !== undefined && { type }),
      ...(stage.target.sendsClientRedemptionId && { clientRedemptionId: `${runId}-${id}` }),
      ...more,
    },
  };
}

/** The same intent with another payload: another reward where there is one. */
export function otherPayload({ stage }: SweepContext, { payload }: SweepIntent): RedeemPayload {
  // Where there is none, no such stand is chosen.
  return otherPayloads(stage.target, payload)[0] ?? payload;
}

/** Moves the customer's clock ahead and stops it there; each end of the move is written down. */
export async function advanceClock(context: SweepContext, customer: string, byMs: number): Promise<void> {
  const { emit, now } = context;
  const path = fillPath(HOOK_PATHS.clock, { customer_id: customer });
  const before = Math.floor(Number((await hook(context, 'GET', path))['now_ms']));
  let stands = { valueMs: before, frozen: false };
  const tell = (more?: { readonly next: typeof stands }): void =>
    emit({ type: 'clock', at: now(), customer, ...stands, ...more });
  for (const next of [before, before + byMs].map((valueMs) => ({ valueMs, frozen: true }))) {
    tell({ next });
    await hook(context, 'PUT', path, { now_ms: next.valueMs, frozen: true });
    stands = next;
    tell();
  }
}

async function hook(
  { stage }: SweepContext,
  method: string,
  path: string,
  body?: object,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask({
    method,
    url: (stage.hooksUrl ?? '') + path,
    timeoutMs: HOOK_TIMEOUT_MS,
    ...(stage.hooksToken !== undefined && { token: stage.hooksToken }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (answer.status >= 300)
    throw harnessError('hook', 'a hook failed', {
      field: `${method} ${path}`,
      expected: 'a 2xx',
      found: `${answer.status} ${saidIn(answer.body)}`,
    });
  const value: unknown = answer.body === '' ? {} : JSON.parse(answer.body);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** What the bridge says of a hook that failed, else the beginning of what came. */
function saidIn(body: string): string {
  try {
    const said: unknown = JSON.parse(body);
    if (typeof said === 'object' && said !== null && 'detail' in said) return String(said.detail);
  } catch {
    // Not the bridge's.
  }
  return body.slice(0, 200);
}
