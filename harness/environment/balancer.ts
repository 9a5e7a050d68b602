/** Load balancers that an environment can have before its replicas. */

/** `nginx`: as it comes, a POST that reached a replica is never repeated. `nginx-non-idempotent`: it is, at the next one. */
export const BALANCERS = ['none', 'nginx', 'nginx-non-idempotent'] as const;
export type Balancer = (typeof BALANCERS)[number];
