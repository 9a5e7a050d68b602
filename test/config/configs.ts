/** Configs for tests: the smallest one that is right, and ways to make it wrong. */

import type { OnceproofConfig } from '../../harness/config/define.ts';
import { resolveConfig, type ResolvedConfig } from '../../harness/config/resolve.ts';

export const SMALLEST = {
  baseUrl: 'http://127.0.0.1:8080',
  redeem: { path: '/redeem', body: { points: '{points_amount}' } },
  answer: { redemption: '/id' },
  rewards: [{ id: 'coffee', points: 120 }],
  customers: ['c-1'],
} as const satisfies OnceproofConfig;

/** The smallest config with other members; `undefined` takes a member out. */
export function configWith(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...SMALLEST, ...members };
}

export function resolved(
  members: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string>> = {},
): ResolvedConfig {
  return resolveConfig(configWith(members), { file: '/project/onceproof.config.ts', env });
}
