/** A value as k6's console writes it. */
import { types } from 'node:util';

import { asText } from './text.ts';

const FUNCTION = '[object Function]';

/** Texts go as they are; objects member by member, with what is inside. `behind` gives the engine's object behind one of the script's. */
export function consoleText(value: unknown, behind: (value: unknown) => unknown): string {
  if (typeof value === 'function') return FUNCTION;
  if (typeof value === 'symbol') return value.description ?? '';
  if (typeof value !== 'object' || value === null) return String(value);
  return types.isNativeError(value) ? asText(value) : member(value, behind, []);
}

function member(value: unknown, behind: (value: unknown) => unknown, open: readonly unknown[]): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'function') return FUNCTION;
  if (typeof value !== 'object') return typeof value === 'string' ? `"${value}"` : asText(value);
  if (open.includes(value)) return '[Circular]';
  if (types.isNativeError(value)) return asText(value);
  if (types.isArrayBuffer(value)) return buffer(value);
  if (ArrayBuffer.isView(value) && !types.isDataView(value)) return view(value as unknown as Items);
  const inside = (one: unknown): string => member(one, behind, [...open, value]);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${Array.from(value, inside).join(', ')} ]`;
  const members = Object.entries(shown(value, behind));
  if (members.length > 0) return `{ ${members.map(([name, one]) => `${name}: ${inside(one)}`).join(', ')} }`;
  return types.isDate(value) ? date(value) : '{}';
}

/** A response shows its fields, which are no members of its own here. */
function shown(value: object, behind: (value: unknown) => unknown): object {
  const response = behind(value) as { readonly toJSON?: () => object } | undefined;
  return response?.toJSON?.() ?? value;
}

function date(value: Date): string {
  return Number.isNaN(value.getTime()) ? '{}' : `"${value.toISOString()}"`;
}

function buffer(value: ArrayBuffer): string {
  const bytes = Array.from(new Uint8Array(value), (byte) => byte.toString(16).padStart(2, '0'));
  return `ArrayBuffer { [Uint8Contents]: <${bytes.join(' ')}>, byteLength: ${bytes.length} }`;
}

type Items = ArrayLike<unknown> & object;

function view(value: Items): string {
  // Go has one kind of bytes for both.
  const name = Object.prototype.toString.call(value).slice(8, -1).replace('Clamped', '');
  const items = Array.from(value, String);
  return `${name}(${items.length}) ${items.length === 0 ? '[]' : `[ ${items.join(', ')} ]`}`;
}
