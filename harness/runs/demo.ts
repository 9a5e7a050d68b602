/**
 * `onceproof demo`: the same double click against a wrong edition of the bundled server, and against the repaired one; then the
 * wrong one again, without load, by somebody who stands at one place of one request.
 */

import { join } from 'node:path';
import { harnessError } from '../base/errors.ts';
import type { VerdictWord } from '../model/verdict.ts';
import { plural } from '../report/format.ts';
import { incidentsOf } from '../report/incidents.ts';
import { shownPath } from '../report/run-folder.ts';
import { painter, renderStory } from '../report/terminal.ts';
import { evidenceFrom } from '../report/write.ts';
import { runSuite } from './run-suite.ts';
import type { RunResult, SuiteOptions } from './suite.ts';
import { sweep, type SweepResult } from './sweep.ts';

/** Looks the key up, and inserts it in a second step: what most of us would write first. */
const DEFECT = 'check-then-act';
const SCENARIO = 'double-click';
const INTENTS = 48;
/** Needs no store to stand before: the process dies at one of its named points, the debit behind it, the record not yet. */
const STAND = { kind: 'kill-before', door: 'server', k: 3, way: 'fresh' } as const;

export interface DemoOptions extends Pick<
  SuiteOptions,
  'seed' | 'out' | 'signal' | 'progress' | 'say' | 'colour'
> {}

export interface DemoResult {
  /** The wrong edition was invalid, under load and where it was stood at. */
  readonly isCaught: boolean;
  /** Of the repaired edition. */
  readonly verdict: VerdictWord;
}

/** Throws where the harness could not carry one of the two runs through. */
export async function demo(options: DemoOptions): Promise<DemoResult> {
  const { say, colour } = options;
  const paint = painter(colour);
  say(
    `${paint('bold', '1 of 3')}  a redeem server that looks the key up, then inserts it. A customer double-clicks …\n\n`,
  );
  const wrong = await runOf({ ...options, defect: DEFECT });
  const violation = incidentsOf(wrong.verdict)[0]?.violation ?? wrong.verdict.violations[0];
  const isCaught = wrong.verdict.verdict === 'invalid' && violation !== undefined;
  if (isCaught) {
    const evidence = await evidenceFrom(join(wrong.dir, 'history.ndjson'), wrong.verdict);
    say(renderStory(violation, { evidence, colour }));
  }
  say(endOf(wrong, isCaught ? 'as it should be' : `its bug was not met, with seed ${options.seed}`));
  if (options.signal.aborted) return { isCaught, verdict: 'unknown' };
  say(
    `${paint('bold', '2 of 3')}  the same clicks and faults, and a server that inserts the key first …\n\n`,
  );
  const right = await runOf(options);
  say(endOf(right, right.verdict.verdict === 'valid' ? 'each intent debited once' : 'that is not expected'));
  if (options.signal.aborted) return { isCaught, verdict: 'unknown' };
  say(
    `${paint('bold', '3 of 3')}  the first server again, without load: one request, stood at behind its debit …\n\n`,
  );
  const stood = await sweepOf(options);
  const isFound = stood.verdict.verdict === 'invalid';
  say(endOf(stood, isFound ? 'one stand was enough' : 'that is not expected'));
  say(
    [
      `The story, drawn: ${shownPath(wrong.dir)}/report.html`,
      `Next, your own endpoint: onceproof init`,
      `and at each of its messages: onceproof sweep`,
    ].join('\n'),
  );
  return { isCaught: isCaught && isFound, verdict: right.verdict.verdict };

  function endOf({ verdict, dir }: SweepResult, note: string): string {
    const { intents, attempts, debits } = verdict.counts;
    const word = {
      valid: ['green', '✓ VALID'],
      invalid: ['red', '✗ INVALID'],
      unknown: ['yellow', '? UNKNOWN'],
    } as const;
    const [format, text] = word[verdict.verdict];
    const counts = [plural(intents, 'intent'), plural(attempts, 'attempt'), plural(debits, 'debit')].join(
      ', ',
    );
    return `${paint(format, text)}  ${counts}: ${note} (${shownPath(dir)})\n`;
  }
}

async function runOf(options: DemoOptions & { readonly defect?: string }): Promise<RunResult> {
  const { runs, harnessFailures } = await runSuite({
    ...options,
    scenarios: [SCENARIO],
    faults: 'light',
    engine: 'embedded',
    proxy: 'embedded',
    store: 'memory',
    replicas: 2,
    client: 'seed',
    keyShape: 'uuid',
    intents: INTENTS,
    report: ['html', 'junit', 'markdown'],
    say: () => {},
  });
  const [run] = runs;
  if (run !== undefined) return run;
  throw harnessError('demo', harnessFailures[0]?.message ?? 'the run did not start');
}

async function sweepOf({ seed, out, signal, progress, colour }: DemoOptions): Promise<SweepResult> {
  return await sweep({
    seed,
    out,
    signal,
    progress,
    colour,
    defect: DEFECT,
    store: 'memory',
    replicas: 2,
    depth: 1,
    only: [STAND],
    report: ['html', 'junit', 'markdown'],
    say: () => {},
  });
}
