/**
 * Who may act for whom. Fixed tokens come from the options; a customer's own token carries its proof with it
 * (an HMAC over the customer), so that every replica knows it without a word to the store.
 */

import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** What a valid token stands for. */
export interface Actor {
  readonly mayActFor: (customer: string) => boolean;
}

export interface FixedToken {
  readonly token: string;
  readonly customers: 'all' | readonly string[];
}

export interface Access {
  /** The actor of a token; undefined: not a valid one. Constant in time for a given length. */
  actorOf(token: string): Actor | undefined;
  /** A fresh token of the customer's own; earlier ones stay valid. */
  tokenFor(customer: string): string;
}

const PREFIX = 'opc';

/** `secret` signs the customers' own tokens: replicas that share it accept each other's. */
export function createAccess(fixed: readonly FixedToken[], secret: string): Access {
  const known = fixed.map(({ token, customers }) => ({
    secret: Buffer.from(token),
    actor: fixedActor(customers),
  }));
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest();
  return {
    actorOf(token) {
      const given = Buffer.from(token);
      let actor: Actor | undefined;
      // No early exit: the time must not tell which token came close.
      for (const { secret, actor: owner } of known)
        if (secret.length === given.length && timingSafeEqual(secret, given)) actor = owner;
      return actor ?? ownActor(token, sign);
    },
    tokenFor(customer) {
      const text = [PREFIX, Buffer.from(customer).toString('base64url'), randomUUID()].join('.');
      return `${text}.${sign(text).toString('base64url')}`;
    },
  };
}

/** Whether two secrets are the same, in constant time. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

function fixedActor(customers: FixedToken['customers']): Actor {
  if (customers === 'all') return { mayActFor: () => true };
  const allowed = new Set(customers);
  return { mayActFor: (customer) => allowed.has(customer) };
}

function ownActor(token: string, sign: (text: string) => Buffer): Actor | undefined {
  const end = token.lastIndexOf('.');
  const [prefix, encoded] = token.split('.');
  if (end < 0 || prefix !== PREFIX || encoded === undefined) return undefined;
  const given = Buffer.from(token.slice(end + 1), 'base64url');
  const expected = sign(token.slice(0, end));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const own = Buffer.from(encoded, 'base64url').toString();
  return { mayActFor: (customer) => customer === own };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
