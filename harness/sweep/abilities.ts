/** Which kinds of stand cannot be had at an endpoint, and why. */

import { hasOtherPayloads } from '../model/other-payload.ts';
import type { SweepKind } from '../model/stand.ts';
import type { SweepContext } from './context.ts';

export function missingKinds(
  { stage, spots, replicas }: Pick<SweepContext, 'stage' | 'spots' | 'replicas'>,
  platform: NodeJS.Platform = process.platform,
): ReadonlyMap<SweepKind, string> {
  const missing = new Map(spots.missing);
  const lack = (why: string, ...kinds: readonly SweepKind[]): void => {
    for (const kind of kinds) if (!missing.has(kind)) missing.set(kind, why);
  };
  const { capabilities, contract, target, environment } = stage;
  const canKill = environment.replicas.length > 0;
  const ownProcess = 'the process was not started by onceproof: give `service` in the config';
  // `hooks.restart` is the endpoint's own way, on any system; ours needs signals and process groups.
  if (platform === 'win32' && capabilities.processes)
    lack('processes cannot be killed and stopped on Windows', 'kill-before', 'kill-after', 'paused');
  if (!canKill && spots.seesMessages) lack(ownProcess, 'kill-before', 'kill-after');
  if (!capabilities.processes) lack(ownProcess, 'paused');
  if (replicas.length < 2) lack('needs a second replica', 'same-key-elsewhere');
  if (!capabilities.provision) lack('customers cannot be made with so many points', 'last-points');
  if (!capabilities.clock) lack("the customer's clock cannot be set", 'past-expiry');
  if (!hasOtherPayloads(target))
    lack('requests say nothing in which two payloads could differ: give a second reward', 'other-payload');
  if (contract.ttlMs === 'unspecified') lack('the contract names no TTL', 'past-expiry');
  if (!target.sendsClientRedemptionId && contract.duplicateWindowMs === 0)
    lack(
      "the body has no place for the client's own name, and there is no window for duplicates",
      'other-key',
    );
  if (typeof contract.duplicateIntent === 'string')
    lack(`the contract leaves a second key for one redemption ${contract.duplicateIntent}`, 'other-key');
  if (target.balance === undefined && target.redemptions === undefined)
    lack('neither balance nor list can be read', 'read');
  return missing;
}
