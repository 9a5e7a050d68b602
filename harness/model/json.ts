/**
 * JSON as an endpoint writes it. A whole number that no double can hold (a 64-bit id) stays what was written, as a text: two
 * ids that differ only in their last digits would be one otherwise. Dependency-free: the scenarios use it too.
 */

/** The value, or undefined where the text is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return LONG.test(text) ? (JSON.parse(withTexts(text)) as unknown) : value;
  } catch {
    return undefined;
  }
}

/** Whole numbers of fewer digits are exact. */
const LONG = /\d{16}/;
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

function withTexts(text: string): string {
  return text.replace(TEXT_OR_NUMBER, (found) =>
    /^-?\d{16,}$/.test(found) && !Number.isSafeInteger(Number(found)) ? `"${found}"` : found,
  );
}
