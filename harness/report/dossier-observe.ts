/** Cuts long readings (a customer of a soak has thousands of redemptions) to what belongs to some intents. */

import type { CompleteEvent, InvokeEvent, ObserveEvent } from '../history/events.ts';

const MAX_ENTRIES = 40;

/** The reading itself when it is short; else the entries of these intents and the last others, 40 in all. */
export function trimmedObserve(
  event: ObserveEvent,
  keys: ReadonlySet<string>,
  invokes: readonly InvokeEvent[],
  completes: readonly CompleteEvent[],
): ObserveEvent {
  if (event.what === 'balance' || event.value.length <= MAX_ENTRIES) return event;
  const names = new Set<string>();
  for (const { redemption } of completes) if (redemption !== undefined) names.add(redemption);
  for (const { clientRedemptionId } of invokes)
    if (clientRedemptionId !== undefined) names.add(clientRedemptionId);
  if (event.what === 'redemptions') {
    const value = kept(
      event.value,
      (item) => names.has(item.redemption) || has(names, item.clientRedemptionId),
    );
    return { ...event, value };
  }
  if (event.what === 'rewards')
    return { ...event, value: kept(event.value, (item) => names.has(item.redemption)) };
  const value = kept(
    event.value,
    (item) =>
      names.has(item.redemption_id) ||
      has(names, item.client_redemption_id) ||
      has(keys, item.idempotency_key),
  );
  return { ...event, value };
}

function has(names: ReadonlySet<string>, name: string | undefined): boolean {
  return name !== undefined && names.has(name);
}

function kept<Item>(items: readonly Item[], isRelevant: (item: Item) => boolean): readonly Item[] {
  const relevant = items.filter(isRelevant).slice(0, MAX_ENTRIES);
  const chosen = new Set<Item>(relevant);
  for (const item of items.toReversed()) {
    if (chosen.size >= MAX_ENTRIES) break;
    chosen.add(item);
  }
  return items.filter((item) => chosen.has(item));
}
