/** A curl command as the request that it sends. */

import { usageError } from '../base/errors.ts';
import { shellWords } from './shell-words.ts';

export interface CurlRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
  /** `user:password` of -u. */
  readonly user: string | undefined;
}

/** Options that take a value and say nothing of the request. */
const IGNORED_WITH_VALUE = new Set([
  '-o',
  '--output',
  '-m',
  '--max-time',
  '--connect-timeout',
  '--retry',
  '-w',
  '--write-out',
  '-A',
  '--user-agent',
  '-e',
  '--referer',
  '-D',
  '--dump-header',
]);
const LONG: Readonly<Record<string, string>> = {
  '-H': '--header',
  '-d': '--data',
  '-X': '--request',
  '-u': '--user',
  '-b': '--cookie',
};
/** Short options without a value that may stand together, e.g. -sSL. */
const FLAGS = /^-[sSLkvifgG#N0]+$/;
const DATA = ['--data', '--data-raw', '--data-ascii', '--data-binary', '--data-urlencode', '--json'];

/** Throws a usage error for what is no curl command, or holds what cannot be read. */
export function curlRequest(command: string): CurlRequest {
  const [program, ...words] = shellWords(command);
  if (program !== 'curl')
    throw usageError('curl', 'is no curl command', {
      field: '--from-curl',
      expected: "curl … 'https://…'",
      found: program ?? 'nothing',
    });
  const headers: [string, string][] = [];
  const data: string[] = [];
  let method: string | undefined;
  let url: string | undefined;
  let user: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const { option, attached } = optionOf(words[at] ?? '');
    if (option === undefined) {
      url ??= words[at];
      continue;
    }
    if (FLAGS.test(option) || (option.startsWith('--') && isFlag(option))) continue;
    const value = attached ?? words[++at];
    if (value === undefined)
      throw usageError('curl', `${option} lacks its value`, { field: '--from-curl', expected: 'a value' });
    if (option === '--header') {
      const colon = value.indexOf(':');
      if (colon > 0) headers.push([value.slice(0, colon).trim(), value.slice(colon + 1).trim()]);
    } else if (option === '--request') method = value;
    else if (option === '--user') user = value;
    else if (option === '--url') url = value;
    else if (DATA.includes(option)) data.push(dataOf(option, value));
    else if (option === '--cookie') headers.push(['Cookie', value]);
    else if (!IGNORED_WITH_VALUE.has(option))
      throw usageError('curl', 'has an option that is not known here', {
        field: '--from-curl',
        expected: '-H, -d, --data-raw, --data-urlencode, --json, -X, -u, -b, --url',
        found: option,
      });
    if (option === '--json') headers.push(['Content-Type', 'application/json']);
  }
  const address = url === undefined ? undefined : addressOf(url);
  if (address === undefined)
    throw usageError('curl', 'has no address', {
      field: '--from-curl',
      expected: 'an http or https URL',
      found: url ?? 'none',
    });
  const body = data.length > 0 ? data.join('&') : undefined;
  return { method: method ?? (body === undefined ? 'GET' : 'POST'), url: address, headers, body, user };
}

function optionOf(word: string): { readonly option?: string; readonly attached?: string } {
  if (!word.startsWith('-') || word === '-') return {};
  const short = word.slice(0, 2);
  if (!word.startsWith('--') && LONG[short] !== undefined)
    return word.length > 2 ? { option: LONG[short], attached: word.slice(2) } : { option: LONG[short] };
  return { option: word };
}

function isFlag(option: string): boolean {
  return (
    !DATA.includes(option) &&
    !['--header', '--request', '--user', '--url', '--cookie'].includes(option) &&
    !IGNORED_WITH_VALUE.has(option) &&
    /^--(compressed|silent|show-error|location|insecure|verbose|include|fail(-with-body)?|globoff|http[\d.]+|no-\w+)$/.test(
      option,
    )
  );
}

function dataOf(option: string, value: string): string {
  if (value.startsWith('@') && option !== '--data-raw')
    throw usageError('curl', 'takes its body from a file, which is not read', {
      field: '--from-curl',
      expected: 'the body itself in its place',
      found: `${option} ${value}`,
    });
  if (option !== '--data-urlencode') return value;
  const [, name = '', content = ''] = /^([^=]*=)?([^]*)$/.exec(value) ?? [];
  return name + encodeURIComponent(content);
}

function addressOf(text: string): URL | undefined {
  const url = /^\w+:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed : undefined;
}
