/** What an answer without a result says of the config: an address, a token or a body that is wrong, or nothing. */

import type { Exchange } from '../audit/bounded-client.ts';
import type { Contract } from '../model/contract.ts';
import { rowsOf, type RefusalRow } from '../model/refusals.ts';
import type { Target } from '../model/target.ts';
import { readAnswer } from '../model/read-answer.ts';
import type { Finding, Severity } from './finding.ts';

/** How a finding begins that says so. */
export const NO_PATH = 'no such path';

/** Which call of the config it was. */
export type Call = 'redeem' | 'balance' | 'redemptions';

export interface Asked {
  readonly call: Call;
  readonly target: Target;
  readonly contract: Contract;
  readonly exchange: Exchange;
  /** Kind of the config's auth. */
  readonly auth: string;
  readonly timeoutMs: number;
  /** The same address as one that is surely not there; undefined: not asked. */
  readonly isNoRoute?: boolean;
  /** What it was asked for. */
  readonly customer: string;
}

/** What an exchange that gave no 2xx says. */
export function refusalFinding(asked: Asked): Finding {
  const { exchange } = asked;
  const { answer } = exchange;
  if (answer === undefined) return noAnswer(asked);
  const { status } = answer;
  const told = (severity: Severity, member: string, text: string): Finding => ({
    severity,
    member,
    text: `${text} (${requestLine(exchange)} answered ${shownAnswer(asked)})`,
  });
  if (status >= 300 && status < 400)
    return told('wrong', addressMember(asked), redirectText(answer.headers['location']));
  if (status === 401 || status === 407) return told('wrong', 'auth', tokenText(asked));
  if (status === 403) return told('wrong', 'auth', tokenText(asked));
  if (status === 405) return told('wrong', methodMember(asked), methodText(asked));
  if (status === 404) return unknownFinding(asked, told);
  if (status === 415 || status === 406)
    return told('wrong', `${asked.call}.headers`, 'the endpoint takes no such media type');
  if (status >= 500)
    return told('open', asked.call, 'the endpoint failed, so that nothing could be looked at');
  if (asked.call === 'redeem') return refusedRedeem(asked, told);
  // Too busy, too early, in conflict: another moment may answer otherwise.
  if ([408, 409, 423, 425, 429].includes(status))
    return told('open', asked.call, 'the endpoint refuses for now, so that nothing could be looked at');
  return told('wrong', addressMember(asked), 'the endpoint refuses to read there');
}

type Told = (severity: Severity, member: string, text: string) => Finding;

function noAnswer({ exchange, timeoutMs }: Asked): Finding {
  const { error = 'unknown', url } = exchange;
  const { origin, protocol } = new URL(url);
  const isLate = /timeout|aborted/i.test(error);
  const isNoHttp = /^HPE_|SSL|EPROTO|TLS|CERT|UND_ERR_SOCKET/i.test(error);
  const hint = isNoHttp && protocol === 'https:' ? '; does it speak TLS?' : '';
  return {
    severity: 'unreached',
    member: 'baseUrl',
    text: isLate
      ? `no answer within ${timeoutMs} ms to ${requestLine(exchange)} at ${origin}`
      : `no answer to ${requestLine(exchange)} at ${origin}: ${error}${hint}`,
  };
}

function addressMember({ call }: Asked): string {
  return `${call}.path`;
}

function methodMember({ call }: Asked): string {
  return call === 'redeem' ? 'redeem.method' : `${call}.path`;
}

function methodText({ exchange }: Asked): string {
  const allow = exchange.answer?.headers['allow'];
  return typeof allow === 'string' && allow !== ''
    ? `${exchange.method} is not allowed there; the endpoint allows ${allow}`
    : `${exchange.method} is not allowed there`;
}

function redirectText(location: string | string[] | undefined): string {
  const to = Array.isArray(location) ? location[0] : location;
  return to === undefined
    ? 'the endpoint points elsewhere; no redirect is followed'
    : `the endpoint points to ${to}; no redirect is followed`;
}

function tokenText({ auth, exchange }: Asked): string {
  const wants = exchange.answer?.headers['www-authenticate'];
  const scheme = typeof wants === 'string' ? `; it wants ${wants}` : '';
  return auth === 'none'
    ? `the endpoint wants credentials, and the config has none${scheme}`
    : `the token is refused${scheme}`;
}

function unknownFinding(asked: Asked, told: Told): Finding {
  const { call, exchange, target, customer } = asked;
  const rows = certainRows(asked);
  const { code } = readAnswer(target, exchange.answer?.text);
  const reward = target.rewards[0]?.id ?? '';
  const isCustomer = rows.includes('unknownCustomer') && code !== undefined;
  if (isCustomer) return told('wrong', 'customers', `the endpoint knows no customer ${customer}`);
  if (rows.includes('unknownReward') && code !== undefined && call === 'redeem')
    return told('wrong', 'rewards[0].id', `the endpoint knows no reward ${reward}`);
  if (asked.isNoRoute === false) {
    const what = call === 'redeem' ? `customer ${customer} or reward ${reward}` : `customer ${customer}`;
    return told('wrong', `${call}.path`, `there is something at this path, but no ${what}`);
  }
  return told('wrong', `${call}.path`, NO_PATH);
}

/** A first use of a new key was refused: with a word that only a wrong config can cause, or with one that the endpoint may owe. */
function refusedRedeem(asked: Asked, told: Told): Finding {
  const { exchange, contract, customer } = asked;
  const status = exchange.answer?.status ?? 0;
  const rows = certainRows(asked);
  const is = (row: RefusalRow): boolean => rows.includes(row);
  if (is('missingKey') || status === 428)
    return told('wrong', 'redeem.keyHeader', `the endpoint finds no key in the header ${contract.keyHeader}`);
  if (is('unknownCustomer')) return told('wrong', 'customers', `the endpoint knows no customer ${customer}`);
  if (is('unknownReward')) return told('wrong', 'rewards[0].id', 'the endpoint knows no such reward');
  if (is('insufficientPoints') || status === 402)
    return told('warning', 'redeem', `customer ${customer} is said to have too few points`);
  if (is('badBody')) return told('wrong', 'redeem.body', 'the endpoint takes no such body');
  if (is('malformedKey'))
    return told('wrong', 'redeem.keyHeader', 'the endpoint takes no key of this shape (a UUID)');
  if (rows.length > 0) return told('warning', 'redeem', 'the first use of a new key is refused');
  if (status === 400 || status === 411 || status === 413 || status === 422)
    return told('wrong', 'redeem.body', 'the endpoint takes no such request');
  return told('warning', 'redeem', 'the first use of a new key is refused');
}

/** The rows that an answer is an instance of by its code; by its status alone only where one row has it. */
function certainRows({ contract, target, exchange }: Asked): readonly RefusalRow[] {
  const status = exchange.answer?.status ?? 0;
  const { code } = readAnswer(target, exchange.answer?.text);
  const answer = { outcome: 'fail', by: 'server', status, ...(code !== undefined && { code }) } as const;
  const rows = rowsOf(contract, answer).filter((row) => {
    const promised = contract[row];
    return code !== undefined ? typeof promised === 'object' && promised.code === code : true;
  });
  return code !== undefined || rows.length === 1 ? rows : [];
}

/** `GET /v1/members/ada`. */
export function requestLine({ method, url }: Exchange): string {
  const { pathname, search } = new URL(url);
  return `${method} ${pathname}${search}`;
}

/** Status, and the beginning of what was said. */
function shownAnswer({ exchange }: Asked): string {
  const { status = 0, text = '' } = exchange.answer ?? {};
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? String(status) : `${status}: ${line.length > 120 ? `${line.slice(0, 119)}…` : line}`;
}
