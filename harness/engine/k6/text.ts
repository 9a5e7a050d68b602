import { types } from 'node:util';

/** Any value of a script as text: as it is, or as JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'function') return '[object Function]';
  if (types.isNativeError(value)) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    // Circular.
    return Object.prototype.toString.call(value);
  }
}

/** What JavaScript itself makes of a value that is to be a text: `String(value)`, of whatever kind it is. */
export function asText(value: unknown): string {
  return ''.concat(value as string);
}
