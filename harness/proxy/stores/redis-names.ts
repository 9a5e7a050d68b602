import { createHash } from 'node:crypto';
import type { MessageRole } from './types.ts';

/** A script is told by the beginning of its SHA-1, which is how EVALSHA calls it: larger ones are not named. */
const MAX_SCRIPT_BYTES = 256 * 1024;
const SHORT_ARGUMENT_BYTES = 40;
const MAX_SHOWN_ARGUMENTS = 6;

const SCRIPT_WORDS: ReadonlySet<string> = new Set(['EVAL', 'EVAL_RO']);
const SHA_WORDS: ReadonlySet<string> = new Set(['EVALSHA', 'EVALSHA_RO']);
const FUNCTION_WORDS: ReadonlySet<string> = new Set(['FCALL', 'FCALL_RO']);

/** Commands whose second word is a part of the command. */
const CONTAINERS: ReadonlySet<string> = new Set(
  'ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SENTINEL SLOWLOG XGROUP XINFO'.split(
    ' ',
  ),
);

/** Option words, and the first argument that can be one: before it stand keys and values, which are never shown. */
const OPTIONS: Readonly<Record<string, readonly [number, ReadonlySet<string>]>> = {
  SET: [3, new Set(['NX', 'XX', 'GET', 'EX', 'PX', 'EXAT', 'PXAT', 'KEEPTTL', 'IFEQ'])],
  GETEX: [2, new Set(['EX', 'PX', 'EXAT', 'PXAT', 'PERSIST'])],
  EXPIRE: [3, new Set(['NX', 'XX', 'GT', 'LT'])],
  PEXPIRE: [3, new Set(['NX', 'XX', 'GT', 'LT'])],
  EXPIREAT: [3, new Set(['NX', 'XX', 'GT', 'LT'])],
  PEXPIREAT: [3, new Set(['NX', 'XX', 'GT', 'LT'])],
};

/** What a connection says before, beside and after its work. */
const SETUP_WORDS: ReadonlySet<string> = new Set(
  'HELLO AUTH CLIENT SELECT READONLY READWRITE COMMAND INFO ROLE CONFIG SCRIPT FUNCTION CLUSTER SENTINEL QUIT RESET'.split(
    ' ',
  ),
);

/** How much of an argument a name may need; 0 for a value. */
export function captureBytesOf(word: string | undefined, position: number): number {
  if (position === 0) return SHORT_ARGUMENT_BYTES;
  const command = word?.toUpperCase() ?? '';
  if (position === 1 && SCRIPT_WORDS.has(command)) return MAX_SCRIPT_BYTES;
  if (position <= 2 && (SHA_WORDS.has(command) || SCRIPT_WORDS.has(command) || FUNCTION_WORDS.has(command)))
    return SHORT_ARGUMENT_BYTES;
  if (position === 1 && CONTAINERS.has(command)) return SHORT_ARGUMENT_BYTES;
  const options = OPTIONS[command];
  return options !== undefined && position >= options[0] ? SHORT_ARGUMENT_BYTES : 0;
}

export function roleOfCommand(word: string, second: string): MessageRole {
  const command = word.toUpperCase();
  // A function or a script that is called does work; one that is loaded or asked for does not.
  if (command === 'SCRIPT' && /^(?:FLUSH|KILL)$/i.test(second)) return 'work';
  return SETUP_WORDS.has(command) ? 'setup' : 'work';
}

/** E.g. `SET ? ? PX ? NX`, `EVALSHA 1f2e3d4c 1 ? ?`: keys and values are `?`. */
export function nameCommand(parts: readonly string[], count: number): string {
  const command = (parts[0] ?? '').toUpperCase();
  if (!/^[A-Z][A-Z0-9._-]{0,31}$/.test(command)) return '(unknown command)';
  const second = parts[1] ?? '';
  const named = [command];
  if (CONTAINERS.has(command) && /^[a-z][a-z-]{0,31}$/i.test(second)) named.push(second.toUpperCase());
  else if (SCRIPT_WORDS.has(command)) named.push(shaOf(second), numberOf(parts[2]));
  else if (SHA_WORDS.has(command)) named.push(shortShaOf(second), numberOf(parts[2]));
  else if (FUNCTION_WORDS.has(command))
    named.push(/^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(second) ? second : '?', numberOf(parts[2]));
  const [firstOption, options] = OPTIONS[command] ?? [Number.POSITIVE_INFINITY, undefined];
  for (let position = named.length; position < count; position++) {
    if (named.length > MAX_SHOWN_ARGUMENTS) {
      named.push('…');
      break;
    }
    const option = parts[position]?.toUpperCase() ?? '';
    named.push(position >= firstOption && options?.has(option) === true ? option : '?');
  }
  return named.join(' ');
}

function shaOf(script: string): string {
  if (script.length >= MAX_SCRIPT_BYTES) return '(long script)';
  return createHash('sha1').update(script, 'latin1').digest('hex').slice(0, 8);
}

function shortShaOf(sha: string): string {
  return /^[0-9a-f]{40}$/i.test(sha) ? sha.slice(0, 8).toLowerCase() : '?';
}

function numberOf(count: string | undefined): string {
  return count !== undefined && /^\d{1,2}$/.test(count) ? count : '?';
}
