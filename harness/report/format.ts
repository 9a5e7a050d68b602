/** How the reports write numbers, spans of time and names. Pure; no renderer formats on its own. */

/** Ms as people read them: `12 ms`, `1.25 s`, `2 min 3 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown time';
  const size = Math.abs(ms);
  if (size < 10) return `${trimmed(ms, 1)} ms`;
  if (size < 1000) return `${Math.round(ms)} ms`;
  if (size < 60_000) return `${trimmed(ms / 1000, 2)} s`;
  const seconds = Math.round(size / 1000);
  const sign = ms < 0 ? '-' : '';
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${sign}${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Time since the start of a story, in ms as long as they tell moments apart: `+0 ms`, `+9.4 ms`, `+1,071 ms`, `+12.5 s`. */
export function offset(ms: number): string {
  const size = Math.abs(ms);
  const text =
    size < 100 ? `${trimmed(ms, 1)} ms` : size < 10_000 ? `${number(Math.round(ms))} ms` : duration(ms);
  return ms < 0 ? text : `+${text}`;
}

/** A whole number with thousands apart: `12,345`. */
export function number(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : trimmed(value, 2);
}

/** `1 attempt`, `2 attempts`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** Cut to `limit` characters with an ellipsis. */
export function clipped(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, Math.max(1, limit - 1))}…`;
}

/** A long id with its middle left out: `7c9e12ab…8d21`. */
export function shortId(id: string, limit = 18): string {
  if (id.length <= limit) return id;
  const tail = Math.floor((limit - 1) / 3);
  return `${id.slice(0, limit - 1 - tail)}…${id.slice(-tail)}`;
}

/**
 * Text of the endpoint or the user with its control characters made visible, so that a key or an error
 * message can neither steer a terminal nor break a line or an XML file.
 */
export function visible(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// C0 and C1 controls, bidirectional overrides, line separators, byte order mark, non-characters and lone surrogates.
const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** UTC, to the second: `2026-01-31 12:00:00 UTC`. */
export function timeOfDay(at: number): string {
  const iso = isoSeconds(at);
  return iso === undefined ? 'unknown' : `${iso.replace('T', ' ')} UTC`;
}

/** `2026-01-31T12:00:00`, or undefined where `at` is no time. */
export function isoSeconds(at: number): string | undefined {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 19);
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
