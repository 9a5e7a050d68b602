/** What has been started is ended in the opposite order, each part tried whatever happened to the others. */

import { messageOf, harnessError } from '../base/errors.ts';

export class Closing {
  readonly #steps: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  #closed: Promise<void> | undefined;

  /** `close` must not need what was added later. */
  add(name: string, close: () => Promise<void>): void {
    this.#steps.push({ name, close });
  }

  /** Runs every step once; then throws one error that names the steps that failed. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    const problems: string[] = [];
    for (const { name, close } of this.#steps.toReversed()) {
      try {
        await close();
      } catch (error) {
        problems.push(`${name}: ${messageOf(error)}`);
      }
    }
    if (problems.length > 0) {
      throw harnessError('close_failed', `the environment was not ended cleanly: ${problems.join('; ')}`);
    }
  }
}
