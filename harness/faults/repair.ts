/** Brings back what the end of the faults left broken. */
import type { Environment } from '../environment/types.ts';

/** Whatever an `undo` could not do: no toxic stays and every proxy is up, on proxies of ours only. */
export async function clearProxies({
  hopProxy,
  driver,
}: Pick<Environment, 'hopProxy' | 'driver'>): Promise<void> {
  for (const carrier of new Set([hopProxy, driver])) {
    for (const { name, enabled, toxics } of await carrier.list()) {
      if (!enabled) await carrier.setEnabled(name, true);
      for (const toxic of toxics) await carrier.removeToxic(name, toxic.name);
    }
  }
}

/** Store and replicas go on where they stand still, and start again where they are down. */
export async function bringBack({
  store,
  replicas,
  capabilities,
}: Pick<Environment, 'store' | 'replicas' | 'capabilities'>): Promise<void> {
  store.resume();
  if (!store.isUp()) await store.restart();
  if (!capabilities.processes) return;
  for (const replica of replicas) replica.resume();
  await Promise.all(replicas.filter((replica) => !replica.isUp()).map((replica) => replica.restart()));
}
