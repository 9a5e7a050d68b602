/** How a config's hooks fared while a run went on: where no customer can be made it ends in the hook's own words, what fails at times is told. */

import { harnessError } from '../base/errors.ts';
import type { BridgeEvent } from './hook-calls.ts';

interface Fared {
  readonly done: number;
  readonly failed: number;
  /** What it said when it failed first. */
  readonly first: string | undefined;
}

const NOTHING: Fared = { done: 0, failed: 0, first: undefined };

export class HookLog {
  readonly #byHook = new Map<string, Fared>();

  take({ hook, error }: BridgeEvent): void {
    const { done, failed, first } = this.#byHook.get(hook) ?? NOTHING;
    this.#byHook.set(
      hook,
      error === undefined
        ? { done: done + 1, failed, first }
        : { done, failed: failed + 1, first: first ?? error },
    );
  }

  /** What came before, such as a preflight, has been told of already. */
  begin(): void {
    this.#byHook.clear();
  }

  /** Throws `hook_failed` where no customer could be made, ever: then nothing was tried. What other hooks lack, a verdict says. */
  assertProvisioned(): void {
    const { done, failed, first } = this.#byHook.get('provision') ?? NOTHING;
    if (done === 0 && first !== undefined)
      throw harnessError('hook_failed', `${first} (each of ${failed} calls)`);
  }

  /** A line for each hook that failed at times. */
  lines(): string[] {
    return [...this.#byHook.values()].flatMap(({ done, failed, first }) =>
      first === undefined ? [] : [`${first} (${failed} of ${done + failed} calls)`],
    );
  }
}
