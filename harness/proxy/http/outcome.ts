import type { AnswerSink, AnswerStart, Failure, Upstream, UpstreamCall } from './upstream.ts';

/** What became of one forwarded request: a whole answer, or why there is none. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: AnswerStart; readonly body: readonly Buffer[] }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly status: 502 | 504;
      readonly failure: Failure;
    };

/** Answers that a toxic has to hold whole are refused beyond this. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** And so many of all of them together, by every hop of this process. */
const MAX_HELD_IN_ALL_BYTES = 128 * 1024 * 1024;
let heldBytes = 0;

/** Counts an answer that is there among those that are held, until the work with it has ended. */
export async function whileHeld(body: readonly Buffer[], work: () => Promise<void>): Promise<void> {
  const size = body.reduce((sum, bytes) => sum + bytes.length, 0);
  heldBytes += size;
  try {
    await work();
  } finally {
    heldBytes -= size;
  }
}

/** A request on its way, whose answer is held whole. */
export interface WholeCall {
  /** Resolves when the head of the answer is there, or none will come. */
  readonly began: Promise<void>;
  readonly hasBegun: () => boolean;
  readonly outcome: Promise<Outcome>;
  readonly abort: (reason: string) => void;
}

/** Sends a request at once; `ended` is called with the outcome before anybody who awaits it. */
export function sendWhole(
  upstream: Upstream,
  bytes: Buffer,
  method: string,
  ended: (outcome: Outcome) => void,
): WholeCall {
  let hasBegun = false;
  let tellBegan = (): void => {};
  let tellOutcome: (outcome: Outcome) => void = () => {};
  const began = new Promise<void>((resolve) => (tellBegan = resolve));
  const outcome = new Promise<Outcome>((resolve) => (tellOutcome = resolve));
  const begin = (): void => {
    hasBegun = true;
    tellBegan();
  };
  const done = (found: Outcome): void => {
    begin();
    ended(found);
    tellOutcome(found);
  };
  const call: UpstreamCall = upstream.send(
    bytes,
    method,
    collector(done, () => call, begin),
  );
  return { began, hasBegun: () => hasBegun, outcome, abort: (reason) => call.abort(reason) };
}

/**
 * Holds a whole answer; `began` is called when its head is there, `done` once. `call` is needed only after the first
 * bytes came.
 */
function collector(
  done: (outcome: Outcome) => void,
  call: () => UpstreamCall,
  began: () => void,
): AnswerSink {
  let answer: AnswerStart | undefined;
  const body: Buffer[] = [];
  let size = 0;
  const ended = (outcome: Outcome): void => {
    heldBytes -= size;
    size = 0;
    done(outcome);
  };
  const take = (bytes: Buffer, isLast: boolean): boolean => {
    if (bytes.length > 0) body.push(bytes);
    size += bytes.length;
    heldBytes += bytes.length;
    if (isLast && answer !== undefined) ended({ kind: 'answer', answer, body });
    else if (size > MAX_HELD_BYTES) call().abort(`the answer is larger than ${MAX_HELD_BYTES} bytes`);
    else if (heldBytes > MAX_HELD_IN_ALL_BYTES)
      call().abort(`all answers that are held are larger than ${MAX_HELD_IN_ALL_BYTES} bytes`);
    return true;
  };
  return {
    start: (started, bytes, isLast) => {
      answer = started;
      began();
      return take(bytes, isLast);
    },
    more: take,
    failed: (reason, status, failure) => ended({ kind: 'failed', reason, status, failure }),
  };
}
