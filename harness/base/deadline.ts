/**
 * A time limit that can also be called off. `AbortSignal.any` over an `AbortSignal.timeout` is none: once the garbage
 * collector has run, the timeout is gone and nothing ever aborts (Node 20.20; nodejs/node#57736).
 */
import { setMaxListeners } from 'node:events';

export interface Deadline {
  readonly signal: AbortSignal;
  /** What it was for is over: frees the timer, and the listener on the other signal. */
  readonly clear: () => void;
}

/** Aborts after so long with a `TimeoutError`, or with `other` and its reason. ms */
export function deadlineOf(timeoutMs: number, other: AbortSignal): Deadline {
  const controller = new AbortController();
  const onOther = (): void => controller.abort(other.reason);
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, timeoutMs);
  // Each is taken off again: many at once are no leak, and nothing to warn of.
  setMaxListeners(0, other);
  if (other.aborted) onOther();
  else other.addEventListener('abort', onOther, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      other.removeEventListener('abort', onOther);
    },
  };
}
