import { STEP_HEADER } from '../../model/calls.ts';
import { ATTEMPT_HEADER } from '../../model/protocol.ts';
import type { RequestInfo } from '../types.ts';
import { valueOf, type Field, type Head } from './head.ts';

/** A whole request as the hop holds it: head by lines, body by bytes as they were framed. */
export interface HopRequest {
  readonly head: Head;
  readonly body: readonly Buffer[];
  /** When the last byte was here, ms since the epoch. */
  readonly at: number;
  readonly info: RequestInfo;
  /** `<intent>.<n>` as it was sent. */
  readonly attemptText: string | undefined;
  /** Which of several calls of its attempt it is; absent: the only one. */
  readonly step?: Step;
  /** The client wants its connection kept. */
  readonly keepsAlive: boolean;
  readonly isHttp10: boolean;
}

const ATTEMPT = ATTEMPT_HEADER.toLowerCase();
const STEP = STEP_HEADER.toLowerCase();

export interface Step {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/** Fields that concern one connection only (RFC 9110, section 7.6.1), and those that the hop answers itself. */
const OWN_FIELDS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'upgrade',
  'expect',
  'http2-settings',
]);

export interface RequestNames {
  readonly proxy: string;
  readonly number: number;
  /** Lower case. */
  readonly keyHeader: string;
}

/** Reads what the hop decides by out of a head; `inBody`: the key is not looked for there. */
export function describeRequest(
  head: Head,
  names: RequestNames,
  inBody?: { readonly key: string | undefined },
): { info: RequestInfo; attemptText: string | undefined; step?: Step } {
  const [method = '', path = ''] = head.start.split(' ');
  let key = inBody?.key;
  let attemptText: string | undefined;
  for (const { name, value } of head.fields) {
    if (name === names.keyHeader && inBody === undefined) key ??= value;
    else if (name === ATTEMPT) attemptText ??= value;
  }
  const parsed = parseAttempt(attemptText);
  const info: RequestInfo = {
    proxy: names.proxy,
    number: names.number,
    method,
    path,
    headerNames: head.fields.map(({ name }) => name),
    headers: head.fields,
    ...parsed,
    ...(key === undefined ? {} : { key }),
  };
  const step = /^(\d{1,2})\/(\d{1,2})$/.exec(valueOf(head, STEP) ?? '');
  if (step === null) return { info, attemptText };
  return { info, attemptText, step: { number: Number(step[1]), of: Number(step[2]) } };
}

/** `<intent>.<n>`: the intent may hold dots itself. */
export function parseAttempt(text: string | undefined): { intent: string; attempt: number } | undefined {
  const match = text === undefined ? null : /^(.+)\.(\d{1,9})$/.exec(text);
  return match?.[1] === undefined ? undefined : { intent: match[1], attempt: Number(match[2]) };
}

export interface ForwardSettings {
  readonly strip: boolean;
  readonly hostHeader: string | undefined;
  /** An HTTP proxy gets it: the target is a whole URL (RFC 9112, section 3.2.2). */
  readonly proxy?: { readonly authorization?: string };
}

/** The bytes that go to a replica: everything as it came but the fields of this connection. */
export function forwardBytes(
  request: HopRequest,
  fields: readonly Field[],
  settings: ForwardSettings,
): Buffer {
  const { strip, hostHeader, proxy } = settings;
  const nominated = nominatedFields(request.head);
  const { start } = request.head;
  let head = `${proxy === undefined ? start : start.replace(' /', ` http://${hostHeader ?? ''}/`)}\r\n`;
  if (proxy?.authorization !== undefined) head += `Proxy-Authorization: ${proxy.authorization}\r\n`;
  for (const { name, raw } of fields) {
    if (OWN_FIELDS.has(name) || nominated.includes(name) || (strip && (name === ATTEMPT || name === STEP)))
      continue;
    if (name === 'host' && hostHeader !== undefined) head += `Host: ${hostHeader}\r\n`;
    else head += `${raw}\r\n`;
  }
  if (request.isHttp10) head += 'Connection: close\r\n';
  head += '\r\n';
  return joined(head, request.body);
}

const NONE: readonly string[] = [];

/** Fields that the client's Connection field names as its own. */
function nominatedFields(head: Head): readonly string[] {
  const value = valueOf(head, 'connection')?.toLowerCase();
  if (value === undefined || value === 'keep-alive' || value === 'close') return NONE;
  return value.split(',').map((name) => name.trim());
}

/** Head and body in one buffer, so that they leave in one packet where they fit. */
export function joined(head: string, body: readonly Buffer[]): Buffer {
  let size = head.length;
  for (const part of body) size += part.length;
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.write(head, 0, 'latin1');
  for (const part of body) at += part.copy(bytes, at);
  return bytes;
}

/** What `http_header` makes of a header: nothing of it, two of it, its quotes changed, its line folded (obs-fold). */
export function editFields(fields: readonly Field[], op: string, header: string): Field[] {
  const name = header.toLowerCase();
  return fields.flatMap((field) => {
    if (field.name !== name) return [field];
    const title = field.raw.slice(0, field.name.length);
    if (op === 'drop') return [];
    if (op === 'duplicate') return [field, field];
    if (op === 'fold') return [{ ...field, raw: `${title}:\r\n ${field.value}` }];
    const value = /^".*"$/.test(field.value) ? field.value.slice(1, -1) : `"${field.value}"`;
    return [{ name, value, raw: `${title}: ${value}` }];
  });
}
