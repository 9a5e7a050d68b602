/**
 * Pages of a customer's list: by a cursor, by the number of the page, by an offset, or by a Link header.
 * Dependency-free: the scenarios use it too.
 */

import type { WholeAnswer } from './final-answer.ts';
import { localUrl } from './local-url.ts';
import type { ListedRedemption } from './protocol.ts';
import type { Paging, Target } from './target.ts';
import { redemptionsUrl } from './redeem-request.ts';
import { readRedemptions } from './read-answer.ts';

/** What a list has given so far. */
export interface PagesSoFar {
  readonly url: string;
  readonly pages: number;
  readonly items: readonly ListedRedemption[];
}

/** The first page's address, or undefined where the target has no list. */
export function firstPage(target: Target, customer: string): PagesSoFar | undefined {
  const url = redemptionsUrl(target, customer);
  if (url === undefined) return undefined;
  const paging = target.redemptions?.paging;
  const asked = paging === undefined || paging.by === 'link' ? url : numbered(url, paging, 0, 0);
  return { url: asked, pages: 0, items: [] };
}

/** The list with one page more; `isLast` with the last one; undefined where the answer holds no list. */
export function withPage(
  target: Target,
  customer: string,
  soFar: PagesSoFar,
  answer: Pick<WholeAnswer, 'headers' | 'body'>,
): (PagesSoFar & { readonly isLast: boolean }) | undefined {
  const read = readRedemptions(target, answer.body);
  if (read === undefined) return undefined;
  const paging = target.redemptions?.paging;
  const pages = soFar.pages + 1;
  // What was listed meanwhile moves the rest on: the last of one page is the first of the next.
  const isShifting = paging !== undefined && paging.by !== 'link';
  const known = isShifting ? new Set(soFar.items.map(({ redemption }) => redemption)) : undefined;
  const fresh =
    known === undefined ? read.items : read.items.filter(({ redemption }) => !known.has(redemption));
  const items = [...soFar.items, ...fresh];
  const url = nextUrl(target, customer, soFar, { pages, read, headers: answer.headers });
  return { url: url ?? soFar.url, pages, items, isLast: url === undefined };
}

function nextUrl(
  target: Target,
  customer: string,
  soFar: PagesSoFar,
  page: {
    readonly pages: number;
    readonly read: { readonly items: readonly unknown[]; readonly next?: string };
    readonly headers: WholeAnswer['headers'];
  },
): string | undefined {
  const { paging } = target.redemptions ?? {};
  const { read, pages } = page;
  if (paging === undefined)
    return read.next === undefined ? undefined : redemptionsUrl(target, customer, read.next);
  if (paging.by === 'link') {
    const told = page.headers['link'];
    const next = relNext(typeof told === 'string' ? told : (told ?? []).join(', '));
    return next === undefined ? undefined : localUrl(next, soFar.url, { target, sentTo: target.baseUrl });
  }
  if (read.items.length === 0) return undefined;
  if (paging.size !== undefined && read.items.length < paging.size) return undefined;
  const first = redemptionsUrl(target, customer) ?? '';
  return numbered(first, paging, pages, offsetOf(soFar.url, paging) + read.items.length);
}

function numbered(
  url: string,
  paging: Exclude<Paging, { by: 'link' }>,
  pages: number,
  offset: number,
): string {
  const { by, parameter, sizeParameter, size } = paging;
  const value = by === 'page' ? (paging.first ?? 1) + pages : offset;
  const more = sizeParameter !== undefined && size !== undefined ? `&${sizeParameter}=${size}` : '';
  return `${url}${url.includes('?') ? '&' : '?'}${parameter}=${value}${more}`;
}

function offsetOf(url: string, { by, parameter }: Exclude<Paging, { by: 'link' }>): number {
  if (by === 'page') return 0;
  const [, value = '0'] = new RegExp(`[?&]${parameter.replace(/[.]/g, '\\.')}=(\\d+)`).exec(url) ?? [];
  return Number(value);
}

/** The target of `rel="next"` (RFC 8288, section 3). */
function relNext(header: string): string | undefined {
  for (const [, target, parameters = ''] of header.matchAll(
    /<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)/g,
  )) {
    const [, quoted, bare] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i.exec(parameters) ?? [];
    if ((quoted ?? bare ?? '').toLowerCase().split(/\s+/).includes('next')) return target;
  }
  return undefined;
}
