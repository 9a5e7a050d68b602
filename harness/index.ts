/**
 * The package's public face: what a config, or a program that reads our files, may rely on. Light to import: no engine,
 * server or bundler comes with it.
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
export { HISTORY_SCHEMA } from './history/events.ts';
export type {
  ArrivalEvent,
  AuditedEvent,
  Capabilities,
  ClockEvent,
  CompleteEvent,
  CreditEvent,
  EndEvent,
  FaultEvent,
  FaultKind,
  HistoryEvent,
  InvokeEvent,
  ObserveEvent,
  RetireEvent,
  RunEvent,
} from './history/events.ts';
export { RULES } from './model/verdict.ts';
export type { CoverageCount, Rule, Verdict, VerdictWord, Violation } from './model/verdict.ts';
