/** Keys whose requests wait for one of them: what is armed for an attempt must not be overtaken by the next attempt. */
export class Gates {
  readonly #closed = new Map<string, Promise<void>>();

  /** Resolves when the key's gate opens; undefined where it is open. */
  of(key: string | undefined): Promise<void> | undefined {
    return key === undefined ? undefined : this.#closed.get(key);
  }

  /** Gives back how to open it again. */
  close(key: string): () => void {
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = () => {
        if (this.#closed.get(key) === opened) this.#closed.delete(key);
        resolve();
      };
    });
    this.#closed.set(key, opened);
    return open;
  }
}
