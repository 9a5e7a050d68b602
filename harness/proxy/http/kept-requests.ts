/** What one hop keeps of old requests at most: so many of them, and so many bytes. */
export const MAX_KEPT = 10_000;
export const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/** Counts the old requests that a hop keeps until they are sent again. */
export class KeptRequests {
  #count = 0;
  #bytes = 0;

  /** False when there is no room. */
  add(bytes: number): boolean {
    if (this.#count >= MAX_KEPT || this.#bytes + bytes > MAX_KEPT_BYTES) return false;
    this.#count += 1;
    this.#bytes += bytes;
    return true;
  }

  remove(bytes: number): void {
    this.#count -= 1;
    this.#bytes -= bytes;
  }
}
