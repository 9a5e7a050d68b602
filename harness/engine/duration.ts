/** k6's durations: a number of milliseconds or Go's notation, e.g. `1m30s`, `250ms`, `1.5s`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d)/gy;

/** Milliseconds of a duration, or undefined when it is none. A bare number, also as text, is milliseconds, as in k6. */
export function parseDurationMs(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^[+-]/.test(text)) {
    const size = parseDurationMs(text.slice(1));
    return size === undefined || /^.[+-]/.test(text) ? undefined : text.startsWith('-') ? -size : size;
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  let total = 0;
  let end = 0;
  PART.lastIndex = 0;
  for (let match = PART.exec(text); match !== null; match = PART.exec(text)) {
    total += Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN);
    end = PART.lastIndex;
  }
  return text.length > 0 && end === text.length ? total : undefined;
}
