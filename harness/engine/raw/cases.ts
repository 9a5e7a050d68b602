/** The part of `key-reuse` that no HTTP client can send: run beside the script, each case on a customer of its own. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { CompleteEvent, HistoryEvent } from '../../history/events.ts';
import { fillPath, HOOK_PATHS } from '../../model/protocol.ts';
import { RAW_ENVELOPES } from './envelopes.ts';
import { RAW_KEY_CASES, sendRaw, type RawAttempt } from './sender.ts';
import type { ReadBack } from '../../audit/read-back.ts';
import type { Stage } from '../../environment/stage.ts';

const POINTS = 5000;
const READ_TRIES = 40;
const READ_PAUSE_MS = 250;

interface RawCases {
  readonly stage: Stage;
  readonly endpoint: ReadBack;
  readonly runId: string;
  readonly emit: (event: HistoryEvent) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Sends every raw case once, one after the other. A customer cannot be made: nothing is sent, and the count is 0. */
export async function sendRawCases(options: RawCases): Promise<number> {
  const { stage, runId, signal } = options;
  // Of several calls no single connection is one attempt.
  if (!stage.target.rewards[0] || !stage.capabilities.provision || stage.target.redeem.before !== undefined)
    return 0;
  let sent = 0;
  for (const [index, { name, keys }] of RAW_KEY_CASES.entries()) {
    if (signal.aborted) break;
    // Whether that is a key at all, nobody said.
    if (name === 'open-quote-key' && stage.contract.quotedKeysEqual === 'unspecified') continue;
    if (keys.length > 1 && stage.target.redeem.keyPointer !== undefined) continue;
    sent += await onItsOwn(options, `raw${index}`, [{ keys }]);
  }
  for (const [index, envelope] of RAW_ENVELOPES.entries()) {
    if (signal.aborted) break;
    if (envelope.isOfKeyHeader === true && stage.target.redeem.keyPointer !== undefined) continue;
    const keys = [`raw-${runId}-${index}`];
    sent += await onItsOwn(options, `env${index}`, [{ keys }, { keys, envelope }]);
  }
  return sent;
}

type Case = Pick<RawAttempt, 'keys' | 'envelope'>;

/** One customer, one intent, its requests one after the other. Gives how many were sent. */
async function onItsOwn(
  { stage, endpoint, runId, emit, now, signal }: RawCases,
  name: string,
  cases: readonly Case[],
): Promise<number> {
  const [reward] = stage.target.rewards;
  if (!reward) return 0;
  const customer = `cust_${runId}_${name}`;
  const token = await whenPossible(() => provision(stage, customer), signal);
  const opening = await whenPossible(() => endpoint.read(customer, now), signal);
  for (const event of opening) emit({ ...event, via: 'script' });
  const intent = `kr-${name}-0`;
  let sent = 0;
  for (const one of cases)
    await sendUntilAnswered(async () => {
      sent += 1;
      return await sendRaw({
        ...one,
        target: stage.target,
        contract: stage.contract,
        token: stage.token === '' ? token : stage.token,
        attempt: `${intent}.${sent}`,
        intent,
        payload: { customer, reward: reward.id, points: reward.points },
        runId,
        timeoutMs: stage.timeoutMs,
        now,
        emit,
      });
    });
  emit({ type: 'retire', at: now(), customer });
  return sent;
}

/**
 * Faults are on while these cases run, and a connection that was kept may be closed just now: what fails is done again,
 * for as long as a store may be away. (A customer that is made twice has the same points.)
 */
async function whenPossible<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await read();
    } catch (error) {
      if (tries >= READ_TRIES || signal.aborted) throw error;
      await sleep(READ_PAUSE_MS);
    }
  }
}

/** A lost answer says nothing about the case: the same request goes out again, a few times. */
async function sendUntilAnswered(send: () => Promise<CompleteEvent>): Promise<void> {
  for (let n = 1; n <= 4; n++) {
    const answer = await send();
    if (answer.outcome !== 'info') return;
  }
}

async function provision(stage: Stage, customer: string): Promise<string> {
  const response = await fetch(stage.hooksUrl + fillPath(HOOK_PATHS.customers, {}), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stage.hooksToken ?? ''}` },
    body: JSON.stringify({ customer_id: customer, points: POINTS }),
    signal: AbortSignal.timeout(20_000),
  });
  const made = (await response.json()) as { token?: string };
  if (!response.ok) throw new Error(`provisioning ${customer} was refused with ${response.status}`);
  return made.token ?? '';
}
