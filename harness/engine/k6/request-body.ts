/** A request's body out of what a script gives: text, bytes, a form, or a form with files (multipart). */
import { randomBytes } from 'node:crypto';
import { types } from 'node:util';

import { isGoList } from './go-list.ts';
import { goText } from './go-text.ts';
import { asText } from './text.ts';

export interface RequestBody {
  readonly body: string | Buffer | null;
  /** The content type that the form calls for; a script's own goes before it. */
  readonly contentType?: string;
}

/** What `http.file` gives: a part of a multipart body. */
export class FileData {
  /** Shown to the script as its own fields. */
  static readonly fields = ['data', 'filename', 'content_type'];
  readonly data: string | ArrayBuffer;
  readonly filename: string;
  readonly content_type: string;

  constructor(data: unknown, filename: unknown, contentType: unknown) {
    if (typeof data !== 'string' && !types.isArrayBuffer(data))
      throw new TypeError(`invalid type ${goType(data)}, expected string or ArrayBuffer`);
    this.data = data;
    this.filename = filename === undefined ? `${Date.now()}000000` : asText(filename);
    this.content_type = contentType === undefined ? 'application/octet-stream' : asText(contentType);
  }
}

const NOTHING: RequestBody = { body: null };

/** `behind` gives the engine's object behind one of the script's. Throws for what k6 takes for no body. */
export function requestBody(given: unknown, behind: (value: unknown) => unknown): RequestBody {
  if (typeof given === 'string') return { body: given };
  if (given === null || given === undefined) return NOTHING;
  const bytes = bytesOf(given);
  if (bytes !== undefined) return { body: bytes };
  if (!isPlainObject(given)) throw new Error(`unknown request body type ${goType(given)}`);
  const members = Object.entries(given).map(([name, value]) => [name, behind(value) ?? value] as const);
  if (members.some(([, value]) => value instanceof FileData)) return multipart(members);
  return { body: form(members), contentType: 'application/x-www-form-urlencoded' };
}

/** An ArrayBuffer or a view on bytes of any realm; undefined for anything else. */
export function bytesOf(given: unknown): Buffer | undefined {
  if (types.isArrayBuffer(given)) return Buffer.from(given);
  if (types.isUint8Array(given)) return Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  return undefined;
}

function isPlainObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return (
    typeof given === 'object' &&
    given !== null &&
    !Array.isArray(given) &&
    !ArrayBuffer.isView(given) &&
    !types.isDate(given)
  );
}

function form(members: readonly (readonly [string, unknown])[]): string {
  return goQuery(
    members.flatMap(([name, value]) =>
      (Array.isArray(value) && !isGoList(value) ? (value as unknown[]) : [value]).map(
        (one) => [name, goText(one)] as const,
      ),
    ),
  );
}

/** Go's `url.Values.Encode`: by name. */
export function goQuery(pairs: readonly (readonly [name: string, value: string])[]): string {
  const fields = new URLSearchParams();
  for (const [name, value] of pairs) fields.append(name, value);
  fields.sort();
  // Go leaves `~` as it is and escapes `*`.
  return fields.toString().replaceAll('%7E', '~').replaceAll('*', '%2A');
}

function multipart(members: readonly (readonly [string, unknown])[]): RequestBody {
  const boundary = randomBytes(30).toString('hex');
  const parts: Buffer[] = [];
  for (const [name, value] of members) {
    const head =
      value instanceof FileData
        ? `form-data; name="${name}"; filename="${escaped(value.filename)}"\r\nContent-Type: ${value.content_type}`
        : `form-data; name="${escaped(name)}"`;
    const lead = parts.length === 0 ? '' : '\r\n';
    parts.push(Buffer.from(`${lead}--${boundary}\r\nContent-Disposition: ${head}\r\n\r\n`), content(value));
  }
  parts.push(Buffer.from(`\r\n--${boundary}--\r\n`));
  return { body: Buffer.concat(parts), contentType: `multipart/form-data; boundary=${boundary}` };
}

function content(value: unknown): Buffer {
  if (!(value instanceof FileData)) return Buffer.from(goText(value));
  return typeof value.data === 'string' ? Buffer.from(value.data) : Buffer.from(value.data);
}

function escaped(text: string): string {
  return text.replace(/["\\]/g, String.raw`\$&`);
}

/** The name that Go has for a script's value: it stands in k6's messages. */
export function goType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return '*big.Int';
  if (typeof value === 'symbol') return '*sobek.Symbol';
  if (typeof value === 'function') return 'func(sobek.FunctionCall) sobek.Value';
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (types.isArrayBuffer(value)) return 'sobek.ArrayBuffer';
  if (types.isDate(value)) return 'time.Time';
  if (ArrayBuffer.isView(value)) return goView(value);
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

function goView(value: ArrayBufferView): string {
  const name = Object.prototype.toString.call(value).slice(8, -1);
  const kinds: Readonly<Record<string, string>> = {
    Uint8Array: '[]uint8',
    Uint8ClampedArray: '[]uint8',
    Int8Array: '[]int8',
    Uint16Array: '[]uint16',
    Int16Array: '[]int16',
    Uint32Array: '[]uint32',
    Int32Array: '[]int32',
    Float32Array: '[]float32',
    Float64Array: '[]float64',
  };
  return kinds[name] ?? 'map[string]interface {}';
}
