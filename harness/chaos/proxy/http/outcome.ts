import type { AnswerSink, AnswerStart, UpstreamCall } from './upstream.ts';

/** What became of one forwarded request: a whole answer, or why there is none. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: AnswerStart; readonly body: readonly Buffer[] }
  | { readonly kind: 'failed'; readonly reason: string; readonly status: 502 | 504 };

/** Answers that a toxic has to hold whole are refused beyond this. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** Holds a whole answer; `done` is called once. `call` is needed only after the first bytes came. */
export function collector(done: (outcome: Outcome) => void, call: () => UpstreamCall): AnswerSink {
  let answer: AnswerStart | undefined;
  const body: Buffer[] = [];
  let size = 0;
  const take = (bytes: Buffer, isLast: boolean): boolean => {
    if (bytes.length > 0) body.push(bytes);
    size += bytes.length;
    if (isLast && answer !== undefined) done({ kind: 'answer', answer, body });
    else if (size > MAX_HELD_BYTES) call().abort(`the answer is larger than ${MAX_HELD_BYTES} bytes`);
    return true;
  };
  return {
    start: (started, bytes, isLast) => {
      answer = started;
      return take(bytes, isLast);
    },
    more: take,
    failed: (reason, status) => done({ kind: 'failed', reason, status }),
  };
}
