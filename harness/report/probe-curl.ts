/** A request of a probe as a command that a person can run: the endpoint's address and its credentials are left to fill in. */

import { isSecretName } from '../base/secret-name.ts';
import { withoutSecrets } from '../base/secrets.ts';
import { BEARER } from '../model/wire.ts';
import type { Target } from '../model/target.ts';
import type { Sent } from '../probe/sender.ts';
import { clipped } from './format.ts';

/** A key of thousands of characters shows nothing more. */
const MOST_VALUE = 300;

/** `curl -sS -X POST "$BASE_URL/redeem" -H '…' -d '…'`, on one line. */
export function curlOf({ method, url, headers, body }: Sent, target: Target): string {
  const { pathname, search } = new URL(url);
  const base = new URL(target.baseUrl).pathname.replace(/\/+$/, '');
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : pathname;
  const shown = headers.map(([name, value]) => `-H ${headerText(name, value, target)}`);
  const data = body === '' ? [] : [`-d ${quoted(withoutSecrets(body))}`];
  const address = `"$BASE_URL"${quoted(path + searchText(search, target))}`;
  return ['curl -sS', `-X ${method}`, address, ...shown, ...data].join(' ');
}

/** `409 duplicate_request`: the status, and the code where the config says where it stands. */
export function answerText({ answer, error }: Sent): string {
  return answer === undefined ? `no answer (${error ?? 'unknown'})` : String(answer.status);
}

/** The shell fills in `$TOKEN`; curl leaves out a header without a value unless it ends with a semicolon. */
function headerText(name: string, value: string, { credential = BEARER }: Target): string {
  if (credential.in === 'header' && name.toLowerCase() === credential.name.toLowerCase())
    return `"${name}: ${credential.scheme === undefined ? '' : `${credential.scheme} `}$TOKEN"`;
  if (isSecretName(name)) return quoted(`${name}: …`);
  if (value === '') return quoted(`${name};`);
  return quoted(`${name}: ${clipped(withoutSecrets(value), MOST_VALUE)}`);
}

function searchText(search: string, { credential = BEARER, query = {} }: Target): string {
  const members = new URLSearchParams(search);
  for (const name of [...members.keys()]) {
    const isCredential = credential.in === 'query' && credential.name === name;
    if (isCredential || (name in query && isSecretName(name))) members.set(name, '…');
  }
  const text = members.toString();
  return text === '' ? '' : `?${text}`;
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
