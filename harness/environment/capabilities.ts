/** What the bundled environment lets a run do, known before anything is started. */

import { ALL_CAPABILITIES, NO_CAPABILITIES, type Capabilities } from '../history/events.ts';
import type { Balancer } from './balancer.ts';

/** Capabilities of the bundled reference server with this kind of store. */
export function bundledCapabilities(options: {
  readonly store: string;
  readonly replicas: number;
  readonly lb?: Balancer;
}): Capabilities {
  const isMemory = options.store === 'memory';
  return {
    ...ALL_CAPABILITIES,
    processes: !isMemory,
    // Over TLS the store is reached directly: nothing can cut it off.
    store: !isMemory && !options.store.startsWith('rediss:'),
    replicas: options.replicas,
    ...(options.lb === 'nginx-non-idempotent' && options.replicas > 1 && { resends: true }),
  };
}

/** Nothing can be done to or read from the endpoint, but what a hop before it sees. */
export const OWN_CAPABILITIES: Capabilities = { ...NO_CAPABILITIES, arrivals: true };
