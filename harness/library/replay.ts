/** A finished run again, from a program. */

import type { ReplayResult } from '../plan/replay-result.ts';
import { DEFAULT_REPORTS } from '../report/kinds.ts';
import { checkOptions, membersOf } from './checked.ts';
import type { ReplayOptions } from './options.ts';
import { noSignal, silence } from './silence.ts';

const MEMBERS = membersOf(
  ...['tries', 'target', 'store', 'proxy', 'trust', 'allowHosts', 'out', 'report', 'signal', 'env'],
);

/** Runs the plan of a finished, invalid run again, as `onceproof replay` does. Errors as those of `run`. */
export async function replay(dir: string, options: ReplayOptions = {}): Promise<ReplayResult> {
  checkOptions(options, MEMBERS);
  const { env = process.env, ...asked } = options;
  const { loadConfig } = await import('../config/load.ts');
  const { replay: again } = await import('../runs/replay.ts');
  return await again({
    tries: 3,
    out: 'results',
    report: DEFAULT_REPORTS,
    signal: noSignal(),
    ...asked,
    dir,
    progress: silence(),
    loadConfig: (file) => loadConfig(file, { env, allowHosts: options.allowHosts ?? [] }),
  });
}
