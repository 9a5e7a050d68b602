/** The customers that exist already: who they are, with what token and account. */

import { usageError } from '../base/errors.ts';
import type { Target } from '../model/target.ts';
import type { HooksConfig } from './define.ts';
import { secretOf, type Environment } from './environment.ts';
import { isGiven, isPlainObject, itemsOf, objectOf, textOf, wrong, type Member } from './member.ts';

export interface ResolvedCustomer {
  readonly id: string;
  readonly token?: string;
  /** Where list and balance stand, when not under the customer. */
  readonly account?: string;
}

/** The member `customers`. Throws a usage error when none are given and no hook makes them, and for one given twice. */
export function customersOf(
  member: Member,
  hooks: HooksConfig,
  env: Environment,
): readonly ResolvedCustomer[] {
  if (!isGiven(member)) {
    if (hooks.provision !== undefined) return [];
    throw wrong(member, 'a list of customers that exist, or hooks.provision that makes them');
  }
  const customers = itemsOf(member, 'an array with at least one customer', 1).map((item) =>
    customerOf(item, env),
  );
  const seen = new Set<string>();
  customers.forEach(({ id }, index) => {
    if (seen.has(id)) throw twice(member, index, id);
    seen.add(id);
  });
  return customers;
}

function customerOf(member: Member, env: Environment): ResolvedCustomer {
  if (!isPlainObject(member.value)) return { id: textOf(member, "a customer's id, or { id, token }") };
  const { id, token, account } = objectOf(member, ['id', 'token', 'account']);
  return {
    id: textOf(id),
    ...(isGiven(token) && { token: secretOf(token, env) }),
    ...(isGiven(account) && { account: textOf(account) }),
  };
}

/** Books are closed for each customer: an account of two would show the one's redemptions in the other's. */
export function accountsOf(
  customers: readonly ResolvedCustomer[],
  target: Target,
  member: Member,
): Pick<Target, 'accounts'> {
  const asks = [target.balance?.path, target.redemptions?.path].some((path) =>
    path?.includes('{account_id}'),
  );
  if (!asks) return {};
  const accounts: Record<string, string> = {};
  customers.forEach(({ id, account }, index) => {
    const field = `${member.path}[${index}].account`;
    const expected = 'the account for {account_id}: one of its own for each customer';
    const details = { field, expected, ...(account !== undefined && { found: account }) };
    if (account === undefined) throw usageError('config_missing', `missing in ${member.file}`, details);
    if (Object.values(accounts).includes(account))
      throw usageError('config_wrong', `wrong in ${member.file}`, details);
    accounts[id] = account;
  });
  if (customers.length === 0) throw wrong(member, 'a list with the account of each, for {account_id}');
  return { accounts };
}

function twice(member: Member, index: number, id: string): Error {
  return usageError('config_wrong', `wrong in ${member.file}`, {
    field: `${member.path}[${index}]`,
    expected: 'each customer once',
    found: id,
  });
}
