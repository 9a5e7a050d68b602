/** One cell of a selftest: the same run, or sweep, as a user would start, and what its verdict and history say. */

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { RIGHT, type Cell, type CellResult } from '../model/detection.ts';
import type { Verdict } from '../model/verdict.ts';
import { whenSeen } from '../selftest/seen.ts';
import { runScenario } from './run.ts';
import type { SuiteOptions } from './suite.ts';
import { sweep } from './sweep.ts';

/** Far longer than any cell: other work on the machine is no reason for an unknown verdict. */
const MAX_TIME = '5m';

export interface CellOptions {
  /** Folder under which its run gets its own. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** The defect's own rules; empty for the right server. */
  readonly rules: readonly string[];
}

/** Throws what the run throws. What is as it ought to be leaves nothing behind. */
export async function performCell(cell: Cell, { out, signal, rules }: CellOptions): Promise<CellResult> {
  const startedAt = performance.now();
  const { verdict, dir } = await (cell.way.kind === 'sweep'
    ? sweepOf(cell, out, signal)
    : runScenario(cell.way.scenario ?? '', optionsOf(cell, out, signal)));
  const caughtBy = rules.find((rule) => verdict.violations.some((violation) => violation.rule === rule));
  const seen = await whenSeen(join(dir, 'history.ndjson'), verdict, rules);
  const isAsOught = cell.subject === RIGHT ? verdict.verdict === 'valid' : caughtBy !== undefined;
  const result = {
    ...cell,
    verdict: verdict.verdict,
    rules: [...new Set(verdict.violations.map(({ rule }) => rule))],
    ...(caughtBy !== undefined && { caughtBy }),
    ...seen,
    tookSeconds: (performance.now() - startedAt) / 1000,
  };
  if (isAsOught) {
    if (existsSync(dir)) await rm(dir, { recursive: true, force: true });
    return result;
  }
  return { ...result, why: whyOf(verdict), dir };
}

function whyOf(verdict: Verdict): string {
  const [violation] = verdict.violations;
  if (violation !== undefined) return `${violation.rule}: ${violation.summary}`;
  return verdict.reasons[0] ?? 'every rule held';
}

function optionsOf({ subject, way, seed }: Cell, out: string, signal: AbortSignal): SuiteOptions {
  return {
    ...commonOf(out, signal),
    scenarios: [way.scenario ?? ''],
    faults: way.faults ?? 'light',
    engine: 'embedded',
    proxy: 'embedded',
    store: way.store,
    replicas: way.replicas,
    profile: way.profile,
    client: 'seed',
    keyShape: 'uuid',
    seed,
    maxTime: MAX_TIME,
    ...(way.intents !== undefined && { intents: way.intents }),
    ...(subject !== RIGHT && { defect: subject }),
  };
}

async function sweepOf({ subject, way, seed }: Cell, out: string, signal: AbortSignal) {
  return await sweep({
    ...commonOf(out, signal),
    depth: 1,
    store: way.store,
    replicas: way.replicas,
    profile: way.profile,
    seed,
    // One broken stand is enough to tell a defect; the right server has to hold at all of them.
    ...(subject !== RIGHT && { defect: subject, endsAtFirst: true }),
  });
}

function commonOf(out: string, signal: AbortSignal) {
  const progress = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { out, signal, progress, report: [], say: () => {}, colour: false } as const;
}
