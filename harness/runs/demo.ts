/** `onceproof demo`: the same double click against a wrong edition of the bundled server, and against the repaired one. */

import { join } from 'node:path';
import { harnessError } from '../base/errors.ts';
import type { VerdictWord } from '../model/verdict.ts';
import { shownPath } from '../report/run-folder.ts';
import { painter, renderStory } from '../report/terminal.ts';
import { evidenceFrom } from '../report/write.ts';
import { runSuite } from './run.ts';
import type { RunResult, SuiteOptions } from './suite.ts';

/** Looks the key up, and inserts it in a second step: what most of us would write first. */
const DEFECT = 'check-then-act';
const SCENARIO = 'double-click';
const INTENTS = 16;

export interface DemoOptions extends Pick<
  SuiteOptions,
  'seed' | 'out' | 'signal' | 'progress' | 'say' | 'colour'
> {}

export interface DemoResult {
  /** The wrong edition was invalid. */
  readonly isCaught: boolean;
  /** Of the repaired edition. */
  readonly verdict: VerdictWord;
}

/** Throws where the harness could not carry one of the two runs through. */
export async function demo(options: DemoOptions): Promise<DemoResult> {
  const { say, colour } = options;
  const paint = painter(colour);
  say(
    `${paint('bold', '1 of 2')}  a redeem server that looks the key up, then inserts it. A customer double-clicks …\n\n`,
  );
  const wrong = await runOf({ ...options, defect: DEFECT });
  const [violation] = wrong.verdict.violations;
  const isCaught = wrong.verdict.verdict === 'invalid' && violation !== undefined;
  if (isCaught) {
    const evidence = await evidenceFrom(join(wrong.dir, 'history.ndjson'), wrong.verdict);
    say(renderStory(violation, { evidence, colour }));
  }
  say(endOf(wrong, isCaught ? 'as it should be' : `its bug was not met, with seed ${options.seed}`));
  if (options.signal.aborted) return { isCaught, verdict: 'unknown' };
  say(
    `${paint('bold', '2 of 2')}  the same clicks and faults, and a server that inserts the key first …\n\n`,
  );
  const right = await runOf(options);
  say(endOf(right, right.verdict.verdict === 'valid' ? 'each intent debited once' : 'that is not expected'));
  say(
    [`The story, drawn: ${shownPath(wrong.dir)}/report.html`, `Next, your own endpoint: onceproof init`].join(
      '\n',
    ),
  );
  return { isCaught, verdict: right.verdict.verdict };

  function endOf({ verdict, dir }: RunResult, note: string): string {
    const { intents, attempts, debits } = verdict.counts;
    const word = {
      valid: ['green', '✓ VALID'],
      invalid: ['red', '✗ INVALID'],
      unknown: ['yellow', '? UNKNOWN'],
    } as const;
    const [format, text] = word[verdict.verdict];
    const counts = `${intents} intents, ${attempts} attempts, ${debits} debits`;
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
