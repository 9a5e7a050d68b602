/** The client that settles and reads back. */

import { ReadBack, type ReadBackOptions } from '../audit/read-back.ts';
import type { Stage } from '../environment/stage.ts';

/** The careful client with which a stage's endpoint is settled and read back, without anything of ours between. */
export function readBackOf(stage: Stage, more: Partial<ReadBackOptions> = {}): ReadBack {
  return new ReadBack({
    target: stage.target,
    contract: stage.contract,
    capabilities: stage.capabilities,
    baseUrls: stage.directUrls,
    tokenFor: stage.tokenFor,
    ...(stage.hooksUrl !== undefined && { hooksUrl: stage.hooksUrl }),
    ...(stage.hooksToken !== undefined && { hooksToken: stage.hooksToken }),
    timeoutMs: stage.timeoutMs * 2,
    ...(stage.hooksTimeoutMs !== undefined && { hooksTimeoutMs: stage.hooksTimeoutMs }),
    maxAnswerBytes: stage.maxAnswerBytes,
    ...more,
  });
}
