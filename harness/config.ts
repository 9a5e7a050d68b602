/**
 * The package's own face: what `onceproof.config.ts` imports, and how the tool reads it.
 * Light to import: esbuild comes in only when a script is loaded.
 */

export { defineConfig } from './config/define.ts';
export type {
  AnswerConfig,
  AuthConfig,
  BalanceConfig,
  ContractConfig,
  CustomerConfig,
  HooksConfig,
  Instant,
  LedgerConfig,
  LimitsConfig,
  OAuthConfig,
  OnceproofConfig,
  RedeemConfig,
  RedemptionsConfig,
  RewardConfig,
  TextOrEnv,
} from './config/define.ts';
export type { Auth } from './config/auth.ts';
export { isAllowedHost, isLoopback } from './config/hosts.ts';
export { loadConfig } from './config/load.ts';
export {
  DEFAULTS,
  resolveConfig,
  type Limits,
  type ResolvedConfig,
  type ResolvedCustomer,
} from './config/resolve.ts';
