import type { Answer } from './answer.ts';
import type { RequestPlan } from './request-plan.ts';

/** What a VU can do that has a thread of its own: both return when it is done, as in k6. */
export interface Blocking {
  sleep(delayMs: number): void;
  /** The answers in order. `isBatch`: so many at once as the options `batch` and `batchPerHost` say. */
  request(plans: readonly RequestPlan[], isBatch: boolean): Answer[];
}
