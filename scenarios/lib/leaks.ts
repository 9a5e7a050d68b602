/** What stands in an answer and is another payload's or customer's: as a word of its own, for a part of a longer one says nothing. */

import { exactJson } from '../../harness/model/json.ts';

/** A text that must stand nowhere in a body, or a number that no member may have. */
export type Secret = string | number;

/** What the answer says of itself: the redemption that it names, the balance that it tells and its own status are no chance. */
export interface Said {
  readonly redemption?: string;
  readonly balance?: number;
  readonly status?: number;
}

/** So short a number stands in many an answer by chance. */
const SHORT_NUMBER = /^\d{1,5}$/;

/** The secrets that the body shows. */
export function leaksIn(body: string, secrets: readonly Secret[], said: Said): readonly string[] {
  if (secrets.length === 0) return [];
  const found = secrets.filter((secret) =>
    typeof secret === 'string' ? showsText(body, secret, said) : showsNumber(body, secret, said),
  );
  return found.map(String);
}

function showsText(body: string, secret: string, { redemption }: Said): boolean {
  if (secret === redemption) return true;
  if (secret === '' || SHORT_NUMBER.test(secret)) return false;
  const isWordAt = (at: number) => !isPart(body[at - 1]) && !isPart(body[at + secret.length]);
  for (let at = body.indexOf(secret); at !== -1; at = body.indexOf(secret, at + 1))
    if (isWordAt(at)) return true;
  return false;
}

function isPart(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

function showsNumber(body: string, secret: number, { balance, status }: Said): boolean {
  return timesIn(exactJson(body), secret) > [balance, status].filter((own) => own === secret).length;
}

function timesIn(value: unknown, number: number): number {
  if (typeof value !== 'object' || value === null) return value === number ? 1 : 0;
  return Object.values(value).reduce((sum: number, member) => sum + timesIn(member, number), 0);
}
