/**
 * The package's public face: what a config, a program that runs or judges, or one that reads our files, may rely on.
 * Light to import: engine, server and bundler come with the first call.
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
export { HarnessError } from './base/errors.ts';
export type { HarnessErrorDetails, HarnessErrorKind } from './base/errors.ts';
export { check } from './library/check.ts';
export type {
  AttackOptions,
  CheckOptions,
  ReplayOptions,
  RunOptions,
  SweepOptions,
} from './library/options.ts';
export { replay } from './library/replay.ts';
export { run } from './library/run.ts';
export type { RunOutcome } from './library/run.ts';
export { sweep } from './library/sweep.ts';
export type { SweepOutcome } from './library/sweep.ts';
export type { Finding, ReplayOutcome, ReplayResult, ReplayTry } from './plan/replay-result.ts';
export type { ProgressSnapshot } from './report/progress.ts';
export type { RunResult } from './runs/suite.ts';
export type { SweepProgress } from './runs/sweep-recording.ts';
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
