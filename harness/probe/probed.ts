/** A finished probe, as it is drawn and judged. */

import type { Target } from '../model/target.ts';
import type { VerdictWord } from '../model/verdict.ts';
import type { Block } from './block.ts';
import type { ProbeResult, Told } from './probe.ts';

export interface Probed {
  readonly result: ProbeResult;
  /** The contract as it was seen. */
  readonly block: Block;
  /** Whether the config's promise is kept. Absent: there is no config, and so none to keep. */
  readonly verdict?: VerdictWord;
  readonly target: Target;
  /** Its address, or what it is. */
  readonly endpoint: string;
}

/** Unknown never passes: what is promised has to be seen. */
export function verdictOf({ told }: ProbeResult): VerdictWord {
  if (told.some(({ standing }) => standing === 'broken')) return 'invalid';
  return told.some(isMissing) ? 'unknown' : 'valid';
}

/** Promised, not seen, and there to be seen. */
export function isMissing({ row, standing, promised, isNowhere }: Told): boolean {
  return standing === 'unseen' && promised !== undefined && row.isExtra !== true && isNowhere !== true;
}
