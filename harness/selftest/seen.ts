/** How soon something was seen: a violation can be told once the books of its customer are closed, and not before. */

import { readHistory } from '../history/reader.ts';
import type { Verdict } from '../model/verdict.ts';

export interface Seen {
  readonly requests: number;
  readonly seconds: number;
}

/** Of the first violation of one of these rules; undefined where none was listed. */
export async function whenSeen(
  historyFile: string,
  { violations }: Pick<Verdict, 'violations'>,
  rules: readonly string[],
): Promise<Seen | undefined> {
  const found = violations.filter(({ rule }) => rules.includes(rule));
  if (found.length === 0) return undefined;
  const customers = new Set(found.flatMap(({ customer }) => customer ?? []));
  let startedAt: number | undefined;
  let requests = 0;
  let last = 0;
  for await (const event of readHistory(historyFile)) {
    if (event.type === 'run') startedAt ??= event.startedAt;
    else last = Math.max(last, event.at);
    if (event.type === 'invoke') requests += 1;
    if (event.type === 'audited' && customers.has(event.customer)) break;
  }
  return { requests, seconds: Math.max(0, last - (startedAt ?? last)) / 1000 };
}
