/** One event, one line: writing with secrets taken out, reading with an error that names the line and the member. */

import { Compile, type TSchema } from '../base/schemas.ts';
import { usageError, type HarnessError } from '../base/errors.ts';
import { withoutCredentials } from '../base/secrets.ts';
import type { HistoryEvent } from './events.ts';
import { eventSchemas, type EventType } from './schema.ts';

/** The event as one line of NDJSON, without its line end. Credentials are replaced by `[redacted]`. */
export function encodeEvent(event: HistoryEvent, secrets: readonly string[] = []): string {
  return redact(JSON.stringify(event), secrets);
}

/** Header values of credentials, passwords of URLs, and the given secrets, anywhere in a text. Other text is left as it is. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let redacted = withoutCredentials(text);
  // Short texts are no secrets, and would tear holes into keys and names.
  for (const secret of secrets) if (secret.length >= 8) redacted = redacted.replaceAll(secret, '[redacted]');
  return redacted;
}

/**
 * Reads one line. `place` (file:line) starts the message of the error that a bad line throws: code
 * `history-line`, kind usage. Members that the schema does not know are kept.
 */
export function decodeLine(line: string, place: string): HistoryEvent {
  return checkEvent(parsed(line, place), place);
}

/** The same for a line that has been parsed already. */
export function checkEvent(value: unknown, place: string): HistoryEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw lineError(place, 'is no event', 'a JSON object with a "type"', value);
  const type: unknown = 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') throw lineError(place, 'has no type', 'a text at /type', type);
  if (!isEventType(type))
    throw lineError(place, 'unknown event type', Object.keys(eventSchemas).join(', '), type);
  if (!validatorOf(type).Check(value)) throw memberError(type, value, place);
  // The schema has just been checked, and schemasAgree keeps it the same as the type.
  return value as HistoryEvent;
}

interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

interface Validator {
  Check(value: unknown): boolean;
  Errors(value: unknown): readonly SchemaError[];
}

const validators = new Map<EventType, Validator>();

/** Compiled at first use: a command that reads no history does not pay for it. */
function validatorOf(type: EventType): Validator {
  let validator = validators.get(type);
  if (validator === undefined) {
    validator = Compile(eventSchemas[type] as TSchema);
    validators.set(type, validator);
  }
  return validator;
}

/** Whether events of this name exist. */
export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventSchemas, type);
}

function parsed(line: string, place: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw usageError('history-line', 'is not JSON', {
      field: place,
      expected: 'one JSON object a line',
      found: line,
      cause,
    });
  }
}

function memberError(type: EventType, value: object, place: string): HarnessError {
  const errors = errorsOf(type, value);
  // A union reports every branch that failed: the error that lies deepest is about the one that was meant.
  const deepest = errors
    .filter(({ keyword }) => keyword !== 'anyOf')
    .sort((one, two) => depth(two) - depth(one));
  const error = deepest[0] ?? errors[0];
  if (error === undefined) return lineError(place, `bad ${type} event`, 'an event of this type', value);
  const missing = (error.params as { requiredProperties?: readonly string[] }).requiredProperties?.[0];
  const member = missing === undefined ? error.instancePath : `${error.instancePath}/${missing}`;
  const expected = missing === undefined ? error.message.replace(/^must be /, '') : 'the member to be there';
  const options = missing === undefined ? optionsAt(errors, error.instancePath) : undefined;
  return lineError(place, `bad ${type} event at ${member}`, options ?? expected, valueAt(value, member));
}

/** The branches of the observe schema, in its order. */
const OBSERVED = ['balance', 'redemptions', 'ledger', 'rewards'];

function errorsOf(type: EventType, value: object): readonly SchemaError[] {
  const errors = validatorOf(type).Errors(value);
  const branch = type === 'observe' ? OBSERVED.indexOf(String(valueAt(value, '/what'))) : -1;
  return branch === -1
    ? errors
    : errors.filter(({ schemaPath }) => schemaPath.startsWith(`#/anyOf/${branch}`));
}

/** Where several values or types are allowed at one place: all of them. */
function optionsAt(errors: readonly SchemaError[], path: string): string | undefined {
  const options = errors
    .filter((error) => error.instancePath === path && (error.keyword === 'const' || error.keyword === 'type'))
    .map(({ params }) => params as { allowedValue?: unknown; type?: unknown })
    .map(({ allowedValue, type }) => String(allowedValue ?? type));
  return options.length === 0 ? undefined : [...new Set(options)].join(' or ');
}

function depth(error: { instancePath: string }): number {
  return error.instancePath.split('/').length;
}

function valueAt(value: unknown, pointer: string): unknown {
  let here = value;
  for (const member of pointer.split('/').slice(1))
    here = typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[member] : undefined;
  return here ?? null;
}

function lineError(place: string, what: string, expected: string, found: unknown): HarnessError {
  return usageError('history-line', what, { field: place, expected, found: found ?? null });
}
