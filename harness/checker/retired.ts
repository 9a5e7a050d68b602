/**
 * Remembers which customers were judged and dropped, in bounded memory: two 32-bit hashes a name, at most
 * `limit` names, then the table is started anew. A wrong "yes" has odds below one in 10^12.
 */

export class RetiredNames {
  readonly #limit: number;
  #size = 0;
  #slots = 1024;
  #cells = new Uint32Array(2 * 1024);

  constructor(limit = 1 << 20) {
    this.#limit = limit;
  }

  add(name: string): void {
    const [one, two] = hashes(name);
    if (this.#holds(one, two)) return;
    if (this.#size >= this.#limit) this.#reset();
    else if (this.#size * 2 >= this.#slots) this.#grow();
    this.#put(one, two);
  }

  has(name: string): boolean {
    const [one, two] = hashes(name);
    return this.#holds(one, two);
  }

  get size(): number {
    return this.#size;
  }

  #holds(one: number, two: number): boolean {
    for (let slot = one & (this.#slots - 1); ; slot = (slot + 1) & (this.#slots - 1)) {
      const first = this.#cells[2 * slot];
      if (first === 0) return false;
      if (first === one && this.#cells[2 * slot + 1] === two) return true;
    }
  }

  #put(one: number, two: number): void {
    let slot = one & (this.#slots - 1);
    while (this.#cells[2 * slot] !== 0) slot = (slot + 1) & (this.#slots - 1);
    this.#cells[2 * slot] = one;
    this.#cells[2 * slot + 1] = two;
    this.#size += 1;
  }

  #grow(): void {
    const old = this.#cells;
    this.#slots *= 2;
    this.#cells = new Uint32Array(2 * this.#slots);
    this.#size = 0;
    for (let cell = 0; cell < old.length; cell += 2) {
      const one = old[cell] ?? 0;
      if (one !== 0) this.#put(one, old[cell + 1] ?? 0);
    }
  }

  #reset(): void {
    this.#slots = 1024;
    this.#cells = new Uint32Array(2 * 1024);
    this.#size = 0;
  }
}

/** FNV-1a and a multiply-add hash; the first is never 0, which marks an empty cell. */
function hashes(name: string): [number, number] {
  let one = 0x811c9dc5;
  let two = 0x9e3779b9;
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    two = Math.imul(two, 0x85ebca6b) + unit;
    two ^= two >>> 15;
  }
  return [(one ^ (one >>> 16)) >>> 0 || 1, two >>> 0];
}
