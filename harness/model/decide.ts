/**
 * Decisions that do not depend on timing: every random choice is a hash of what it is about.
 *
 * Dependency-free, so that k6 loads it too. The same input gives the same answer in Node and in k6.
 */

/** A number in [0, 1) from a seed and the names of what is decided, e.g. `uniform(7, 'lose-answer', 'i-3', 2)`. */
export function uniform(...parts: readonly (string | number)[]): number {
  const [high, low] = hash128(parts);
  // 53 bits: all that a double holds.
  return ((high >>> 5) * 67_108_864 + (low >>> 6)) / 9_007_199_254_740_992;
}

/** A whole number in [0, `limit`) from the same kind of parts. */
export function below(limit: number, ...parts: readonly (string | number)[]): number {
  return Math.floor(uniform(...parts) * limit);
}

/** A UUID in version 4's shape (RFC 9562, section 5.4) whose 122 free bits are a hash of the parts. */
export function uuidFrom(...parts: readonly (string | number)[]): string {
  const hex = hashHex(...parts);
  const variant = '89ab'[parseInt(hex.slice(16, 17), 16) & 3] ?? '8';
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** 32 hex digits that are a hash of the parts. */
export function hashHex(...parts: readonly (string | number)[]): string {
  return hash128(parts)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}

/** A short hex digest of a text, for payload and body hashes in the history (not for secrets). */
export function digest(text: string): string {
  return hash128([text])
    .slice(0, 2)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}

type Words = [number, number, number, number];

/** 128 bits of a text by four interleaved multiply-and-shift lanes (cyrb128's construction, MurmurHash3's finaliser). */
function hash128(parts: readonly (string | number)[]): Words {
  // The unit separator keeps ('a', 'bc') apart from ('ab', 'c').
  const text = parts.join('\u001f');
  let [a, b, c, d] = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ unit, 597_399_067);
    b = c ^ Math.imul(b ^ unit, 2_869_860_233);
    c = d ^ Math.imul(c ^ unit, 951_274_213);
    d = a ^ Math.imul(d ^ unit, 2_716_044_179);
  }
  a = finalise(c ^ (a >>> 18), 597_399_067);
  b = finalise(d ^ (b >>> 22), 2_869_860_233);
  c = finalise(a ^ (c >>> 17), 951_274_213);
  d = finalise(b ^ (d >>> 19), 2_716_044_179);
  return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

function finalise(word: number, factor: number): number {
  let mixed = Math.imul(word, factor);
  mixed ^= mixed >>> 16;
  mixed = Math.imul(mixed, 2_246_822_507);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 3_266_489_909);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
