/** The sweep, from a program. */

import { durationMs } from '../base/duration.ts';
import { DEFAULT_REPORTS } from '../report/kinds.ts';
import type { SweepResult } from '../runs/sweep.ts';
import { checkOptions, membersOf } from './checked.ts';
import type { SweepOptions } from './options.ts';
import { ATTACK_MEMBERS } from './run.ts';
import { noSignal, silence } from './silence.ts';
import { targetOf } from './target.ts';

export interface SweepOutcome extends SweepResult {
  /** What the command line would have said. */
  readonly text: string;
}

const MEMBERS = membersOf(...ATTACK_MEMBERS, 'depth', 'budget', 'first');

/** Stands at every message between the endpoint and its store, as `onceproof sweep` does. Errors as those of `run`. */
export async function sweep(options: SweepOptions = {}): Promise<SweepOutcome> {
  checkOptions(options, MEMBERS);
  const { budget, first, onProgress, env: _env, target: _target, ...asked } = options;
  const target = await targetOf(options);
  const budgetMs = budget === undefined ? undefined : durationMs(budget);
  const said: string[] = [];
  const { sweep: stand } = await import('../runs/sweep.ts');
  const result = await stand({
    store: 'auto',
    seed: 1,
    depth: 1,
    out: 'results',
    report: DEFAULT_REPORTS,
    signal: noSignal(),
    ...asked,
    ...target,
    ...(budgetMs !== undefined && { budgetMs }),
    ...(first === true && { endsAtFirst: true }),
    progress: silence(),
    ...(onProgress && { onStand: onProgress }),
    say: (text) => said.push(text),
    colour: false,
  });
  return { ...result, text: said.join('\n') };
}
