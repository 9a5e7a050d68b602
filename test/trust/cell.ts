/** One cell of a matrix: an edge, what of it can be read, a profile, and the verdict of the real pipeline in this process. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { messageOf } from '../../harness/base/errors.ts';
import { resolveConfig, type ResolvedConfig } from '../../harness/config/resolve.ts';
import { PLAYED_PROFILES, type ProfileName } from '../../harness/model/contract.ts';
import type { Verdict, VerdictWord } from '../../harness/model/verdict.ts';
import { runScenario } from '../../harness/runs/run.ts';
import type { SuiteOptions } from '../../harness/runs/suite.ts';

export interface Run {
  readonly scenario: string;
  readonly seed: number;
  readonly intents: number;
  readonly faults?: string;
  readonly vus?: number;
  /** Keeps the run's folder there. */
  readonly out?: string;
}

export interface Judged {
  readonly verdict: VerdictWord;
  /** Rules that were broken, each once. */
  readonly rules: readonly string[];
  /** Why it is unknown, or the first violation's summary. */
  readonly why: string;
  /** Absent: the harness itself could not work. */
  readonly whole?: Verdict;
  readonly ms: number;
}

/** How the reason of a cell begins whose run would have ended with exit code 3. */
export const NO_VERDICT = 'no verdict';

/** Runs one bundled scenario against a config, as `onceproof run` would. */
export async function judge(config: ResolvedConfig, run: Run): Promise<Judged> {
  const out = run.out ?? (await mkdtemp(join(tmpdir(), 'onceproof-trust-')));
  const startedAt = performance.now();
  try {
    const { verdict } = await runScenario(run.scenario, optionsOf(config, run, out));
    return {
      verdict: verdict.verdict,
      rules: [...new Set(verdict.violations.map(({ rule }) => rule))],
      why: verdict.violations[0]?.summary ?? verdict.reasons.join('; '),
      whole: verdict,
      ms: Math.round(performance.now() - startedAt),
    };
  } catch (error) {
    const ms = Math.round(performance.now() - startedAt);
    return { verdict: 'unknown', rules: [], why: `${NO_VERDICT}: ${messageOf(error)}`, ms };
  } finally {
    if (run.out === undefined) await rm(out, { recursive: true, force: true });
  }
}

/** A config object, checked and with its defaults, as if it had been loaded. */
export function resolvedOf(config: unknown): ResolvedConfig {
  return resolveConfig(config, { file: join(tmpdir(), 'onceproof.config.ts'), env: {} });
}

/** The profiles that the right endpoint can play. */
export const PLAYED: readonly ProfileName[] = PLAYED_PROFILES;

function optionsOf(config: ResolvedConfig, run: Run, out: string): SuiteOptions {
  return {
    scenarios: [run.scenario],
    config,
    faults: run.faults ?? 'none',
    engine: 'embedded',
    proxy: 'embedded',
    store: 'auto',
    client: 'seed',
    keyShape: 'uuid',
    seed: run.seed,
    intents: run.intents,
    ...(run.vus !== undefined && { vus: run.vus }),
    out,
    report: [],
    // A machine that has much to do makes no verdict unknown.
    maxTime: '10m',
    signal: new AbortController().signal,
    progress: new Writable({ write: (_chunk, _encoding, done) => done() }),
    say: () => {},
    colour: false,
  };
}
