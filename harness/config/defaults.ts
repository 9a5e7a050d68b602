/** What a config leaves out. */
export const DEFAULTS = {
  auth: 'none',
  /** How long a token of a command, a function or an OAuth server is used when it has no expiry of its own. ms. */
  tokenTtlMs: 300_000,
  /** How long a command or a token endpoint may take. ms. */
  authTimeoutMs: 30_000,
  /** How long a hook may take: less than the 5 s that a script waits for it. ms. */
  hookTimeoutMs: 4_500,
  /** How long whoever reads back waits for a hook, until its turn has come, too: many customers are read at a time. ms. */
  hookTurnMs: 120_000,
  method: 'POST',
  contract: 'seed',
  replicas: 1,
  limits: {
    maxRequestsPerSecond: 200,
    maxVus: 50,
    timeoutMs: 5_000,
    settleMs: 10_000,
    quietMs: 250,
    readLagMs: 1_000,
    lateMs: 5_000,
    maxAnswerBytes: 4 * 1024 * 1024,
  },
} as const;
