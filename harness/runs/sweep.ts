/** The whole order of a sweep, and the only file that knows it: stage, baseline, plan, one schedule after the other, judge, report. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { passPreflight } from './preflight.ts';
import { readBackOf } from './reading.ts';
import { contextOf, recordStands, type SweepOptions } from './sweep-recording.ts';
import { HarnessError, harnessError, usageError } from '../base/errors.ts';
import { marked } from '../base/origin.ts';
import { checkHistory } from '../checker/check-history.ts';
import { cleanUpStale } from '../environment/clean-up.ts';
import { RUN_FILE } from '../environment/run-file.ts';
import { openStage } from '../environment/open-stage.ts';
import type { Stage } from '../environment/stage.ts';
import type { RunEvent } from '../history/events.ts';
import type { Verdict } from '../model/verdict.ts';
import { chooseStands } from '../plan/sweep.ts';
import { SWEEP, sweepPlan } from '../plan/sweep-run.ts';
import { referenceTarget } from '../model/target.ts';
import { curlScript, vitestFile } from '../report/repro.ts';
import { renderGithub } from '../report/github.ts';
import { visible } from '../report/format.ts';
import { pointLatest, runFolder, shownPath } from '../report/run-folder.ts';
import { renderVerdict } from '../report/terminal.ts';
import { evidenceFrom, writeReports } from '../report/write.ts';
import { missingKinds } from '../sweep/abilities.ts';
import { measure } from '../sweep/baseline.ts';
import { doorSpots } from '../sweep/door-spots.ts';
import { pointSpots } from '../sweep/point-spots.ts';
import type { Spots } from '../sweep/spots.ts';

export interface SweepResult {
  readonly verdict: Verdict;
  readonly dir: string;
}

/** Stands at every message that the budget allows for, and judges what came of it. */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  await cleanUpStale(options.out, (line) => options.progress.write(`onceproof: ${visible(line)}\n`));
  const runId = options.runId ?? randomBytes(4).toString('hex');
  const dir = await runFolder(options.out, SWEEP, runId);
  const stage = await openStage({ ...options, proxy: 'embedded', hasStoreDoors: true, runId, dir }).catch(
    async (error: unknown) => {
      if (!existsSync(join(dir, RUN_FILE))) await rm(dir, { recursive: true, force: true });
      throw error;
    },
  );
  const historyFile = join(dir, 'history.ndjson');
  const endpoint = readBackOf(stage);
  let isWrong = false;
  try {
    const unshown = await preflightOf(stage, options).catch((error: unknown) => {
      isWrong = true;
      throw error;
    });
    const spots = spotsOf(stage);
    const quiet = contextOf({ stage, spots, endpoint, options, runId }, () => {});
    const baseline = await measure(quiet);
    refuse(spots);
    const facts =
      options.facts ??
      chooseStands({
        depth: options.depth,
        ways: baseline.ways,
        recoveries: baseline.recoveries,
        missing: missingKinds(quiet),
        ...(options.only !== undefined && { only: options.only }),
        ...(options.budgetMs !== undefined && { budgetMs: options.budgetMs }),
      });
    const { plan, runEvent } = sweepPlan(runId, options, stage, facts, spots.description, unshown);
    await writeFile(join(dir, 'plan.json'), `${JSON.stringify(marked(plan), null, 2)}\n`);
    await recordStands({ stage, spots, endpoint, options, runId }, runEvent, facts, {
      historyFile,
      answerMs: baseline.answerMs,
    });
  } catch (error) {
    isWrong ||= error instanceof HarnessError && error.kind === 'usage';
    throw error;
  } finally {
    await endpoint.close();
    await stage.close();
    // Nothing was recorded: a folder with nothing in it would only mislead.
    if (isWrong) await rm(dir, { recursive: true, force: true });
  }
  const verdict = await checkHistory([historyFile]);
  await report({ dir, verdict, historyFile }, options);
  return { verdict, dir };
}

/** A replay has had it in its time. */
async function preflightOf(stage: Stage, options: SweepOptions): Promise<RunEvent['unshown']> {
  const { config, facts, signal, progress } = options;
  if (config === undefined || facts !== undefined) return [];
  return await passPreflight({
    stage,
    config,
    signal,
    tell: (line) => void progress.write(`${line}\n`),
  });
}

function spotsOf({ environment }: Stage): Spots {
  if (environment.storeDoors.length > 0) return doorSpots(environment.storeDoors);
  if (environment.hooksUrls.length > 0 && environment.store.kind === 'memory') return pointSpots(environment);
  throw usageError('stores', 'there is nothing between the endpoint and its store to stand at', {
    field: 'stores',
    expected: "a store's kind, address and door in the config; TLS cannot be read",
    found: environment.store.description,
  });
}

function refuse(spots: Spots): void {
  const why = spots.refusal();
  if (why !== undefined) throw harnessError('door', why);
}

/** So many failures are written down as scripts. */
const MAX_REPROS = 10;

/** Each failure as a script to read and as a test to keep. */
async function writeRepros(dir: string, verdict: Verdict, options: SweepOptions): Promise<void> {
  const broken = verdict.sweep?.stands.filter((stand) => stand.broken !== undefined) ?? [];
  if (broken.length === 0) return;
  const folder = join(dir, 'stands');
  await mkdir(folder, { recursive: true });
  const target = options.config?.target ?? referenceTarget(verdict.run.target);
  const { configFile, store, defect } = options;
  const asked =
    configFile === undefined ? { store, ...(defect !== undefined && { defect }) } : { configFile };
  for (const stand of broken.slice(0, MAX_REPROS)) {
    const about = { stand, target, asked };
    await writeFile(join(folder, `${stand.id}.sh`), curlScript(about));
    await writeFile(join(folder, `${stand.id}.test.ts`), vitestFile(about));
  }
}

async function report(
  { dir, verdict, historyFile }: SweepResult & { readonly historyFile: string },
  options: SweepOptions,
): Promise<void> {
  const evidence = await evidenceFrom(historyFile, verdict);
  await writeReports(dir, verdict, historyFile, ['json', ...options.report], evidence);
  await writeRepros(dir, verdict, options);
  await pointLatest(options.out, dir);
  if (options.report.includes('github')) options.say(renderGithub(verdict));
  options.say(renderVerdict(verdict, { evidence, report: shownPath(dir), colour: options.colour }));
}
