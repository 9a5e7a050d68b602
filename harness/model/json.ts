/** JSON of an endpoint as it was written: what a number of JavaScript cannot hold stays a text. Dependency-free: k6 loads it too. */

/** A text, or a number as a whole: digits within either are none of their own. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Fewer digits than these are exact. */
const LONG = /\d{16}/;

/**
 * The value, or undefined where the text is no JSON. Whole numbers beyond 2^53 come as texts of their digits: rounded, two ids of
 * 64 bits that follow each other would be one, and an amount would be another.
 */
export function exactJson(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return LONG.test(text) ? (JSON.parse(text.replace(TOKENS, exact)) as unknown) : value;
  } catch {
    return undefined;
  }
}

function exact(token: string): string {
  return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
}
