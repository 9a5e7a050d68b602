/** How the scripts' arguments and replies are written. lua/common.ts says what they mean. */

import {
  windowName,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type DebitResult,
  type Kept,
  type Payload,
  type Redemption,
} from './store.ts';

/** A script's reply: its kind, then what belongs to it. */
export type Reply = readonly [string, ...(string | number)[]];

/** In the order of `ARGUMENTS` in lua/claim.ts. */
export function claimArguments(request: ClaimRequest): (string | number)[] {
  const { key, payload, rules } = request;
  return [
    key,
    request.fingerprint,
    request.owner,
    request.leaseMs,
    request.redemption,
    entryOf({ key, payload }),
    payload.points,
    flag(request.isRewardKnown),
    flag(request.debits),
    flag(request.keepsRefused),
    payload.clientRedemptionId ?? '',
    windowName(payload),
    rules.ttlMs,
    rules.tombstoneMs,
    flag(rules.detectsDuplicates),
    rules.duplicateWindowMs,
    flag(rules.keepsDuplicates),
    flag(rules.keepsUnknownReward),
  ];
}

export function claimResult(reply: Reply, customer: string): ClaimResult {
  const [kind, first = '', second = '', third = '', fourth = '', fifth = 0, sixth = ''] = reply;
  switch (kind) {
    case 'claimed':
      return {
        kind,
        redemption: String(first),
        isResumed: second === 1,
        isRewarded: fifth === 1,
        ...(third === '' ? {} : { debited: { balanceAfter: Number(third), at: Number(fourth) } }),
        ...(sixth === '' ? {} : { payload: parsedEntry(String(sixth), customer).payload }),
      };
    case 'done':
      if (Number(first) === 0) return { kind: 'kept', outcome: keptIn(String(second)) };
      return { kind, answer: { status: Number(first), body: String(second) } };
    case 'in-flight':
      return { kind, leaseLeftMs: Number(first) };
    case 'duplicate':
      return { kind, redemption: String(first) };
    case 'duplicate-open':
      return duplicateOpen(String(first), Number(second), String(third), String(fourth), customer);
    case 'insufficient-points':
      return { kind, balance: Number(first) };
    case 'other-payload':
    case 'expired':
    case 'unknown-customer':
    case 'unknown-reward':
      return { kind };
    default:
      throw new Error(`unknown reply of the claim script: ${kind}`);
  }
}

export function debitResult([kind, first, second]: Reply): DebitResult {
  if (kind === 'debited') return { kind, balanceAfter: Number(first), at: Number(second) };
  if (kind === 'insufficient-points') return { kind, balance: Number(first) };
  return { kind: 'lost' };
}

/** What ledger, list and an open record keep of a request. The customer is in the key's name. */
export function entryOf({ key, payload }: Pick<Claim, 'key' | 'payload'>): string {
  const { customer: _inKey, ...rest } = payload;
  return JSON.stringify({ key, payload: rest });
}

export function parsedEntry(
  text: string,
  customer: string,
): { readonly key: string; readonly payload: Payload } {
  // Written by `entryOf` above.
  const { key, payload } = JSON.parse(text) as { key: string; payload: Omit<Payload, 'customer'> };
  return { key, payload: { customer, ...payload } };
}

/** `state|at|balanceAfter|redemption|entry` */
export function parsedRedemption(line: string, customer: string): Redemption {
  const [state, at, balanceAfter, redemption = ''] = line.split('|', 4);
  const entry = line.slice([state, at, balanceAfter, redemption, ''].join('|').length);
  return {
    redemption,
    payload: parsedEntry(entry, customer).payload,
    status: state === 'D' ? 'completed' : 'pending',
    balanceAfter: Number(balanceAfter),
    at: Number(at),
  };
}

/** `duplicate <redemption>` or `unknown-reward`, as lua/claim.ts keeps it. */
function keptIn(text: string): Kept {
  const [kind, redemption = ''] = text.split(' ');
  return kind === 'duplicate' ? { kind, redemption } : { kind: 'unknown-reward' };
}

function duplicateOpen(
  redemption: string,
  leaseLeftMs: number,
  entry: string,
  fingerprint: string,
  customer: string,
): ClaimResult {
  const result = { kind: 'duplicate-open', redemption, leaseLeftMs } as const;
  return entry === '' ? result : { ...result, abandoned: { ...parsedEntry(entry, customer), fingerprint } };
}

function flag(value: boolean): '1' | '0' {
  return value ? '1' : '0';
}
