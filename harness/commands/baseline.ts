/** `--baseline`: exit 0 although invalid, where every incident is known. */

import { Option } from 'commander';
import { worstOf, type Verdict } from '../model/verdict.ts';
import type { Baseline } from '../runs/baseline.ts';
import { EXIT, type Terminal } from './terminal.ts';

export function baselineOption(): Option {
  return new Option(
    '--baseline <verdict.json>',
    'a verdict of before: exit 0 although invalid, where each incident is one of its, and the evidence is whole',
  );
}

/** Read before anything is attacked; undefined where none was asked for. */
export async function baselineOf(file: string | undefined): Promise<Baseline | undefined> {
  if (file === undefined) return undefined;
  const { readBaseline } = await import('../runs/baseline.ts');
  return await readBaseline(file);
}

/** The exit code of these verdicts, with what the baseline says to them. */
export async function exitOf(
  verdicts: readonly Verdict[],
  baseline: Baseline | undefined,
  say: Terminal['print'],
): Promise<number> {
  const code = EXIT[worstOf(verdicts.map(({ verdict }) => verdict))];
  if (baseline === undefined) return code;
  const { compare, comparisonText } = await import('../runs/baseline.ts');
  const comparison = compare(baseline, verdicts);
  say(comparisonText(comparison));
  return comparison.isExcused ? EXIT.valid : code;
}
