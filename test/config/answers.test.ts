/** What a config says of answers, amounts, pages and accounts: what it leaves out, and each wrong line. */

import { describe, expect, test } from 'vitest';
import { HarnessError } from '../../harness/base/errors.ts';
import { resolved } from './configs.ts';

const redemptions = { path: '/l/{customer_id}', items: '', redemption: '/id' };
const word = { value: '/state', done: ['done'] };

function lineOf(members: Readonly<Record<string, unknown>>): string {
  try {
    resolved(members);
  } catch (error) {
    if (error instanceof HarnessError && error.kind === 'usage') return error.message;
    throw error;
  }
  return 'no error';
}

test('a status is asked for at Location, every 100 ms and for 10 s at most, where nothing else is said', () => {
  expect(resolved({ status: {} }).target.status).toEqual({
    from: 'Location',
    done: [],
    refused: {},
    everyMs: 100,
    withinMs: 10_000,
    mostPolls: 50,
  });
});

test('a target without any of this says nothing of it', () => {
  for (const name of ['status', 'amounts', 'accounts', 'alsoAt'])
    expect(resolved().target).not.toHaveProperty(name);
});

test('with location the pointer to the redemption may be left out', () => {
  expect(resolved({ answer: { from: 'location' } }).target.answer).toEqual({ from: 'location' });
});

describe('wrong lines', () => {
  test.each([
    [{ status: { value: '/state' } }, 'status.done: missing'],
    [{ status: { done: ['done'] } }, 'status.value: missing'],
    [{ status: { ...word, refused: { done: 422 } } }, 'status.refused: wrong'],
    [{ status: { ...word, refused: { gone: 200 } } }, 'status.refused.gone: wrong'],
    [
      { status: { from: 'no header' } },
      "expected a header's name, e.g. 'Location', or a JSON pointer into the body",
    ],
    [{ status: { path: '/jobs/{job}' } }, 'unknown placeholder {job}'],
    [{ answer: { from: 'resource' } }, 'answer.redemption: missing'],
    [{ unit: 3 }, 'unit: wrong'],
    [{ unit: 0 }, 'unit: wrong'],
    [{ amounts: 'string' }, 'expected number or text'],
    [{ redemptions: { ...redemptions, nextCursor: '/n', paging: { by: 'page' } } }, 'not both'],
    [{ redemptions: { ...redemptions, paging: { by: 'link', size: 3 } } }, 'redemptions.paging.size: wrong'],
    [
      { redemptions: { ...redemptions, paging: { by: 'page', sizeParameter: 'n' } } },
      'redemptions.paging.size: missing',
    ],
    [{ balance: { path: '/a/{account_id}', value: '' } }, 'customers[0].account: missing'],
    [
      {
        balance: { path: '/a/{account_id}', value: '' },
        customers: [
          { id: 'a', account: 'x' },
          { id: 'b', account: 'x' },
        ],
      },
      'customers[1].account: wrong in onceproof.config.ts; expected the account for {account_id}: one of its own for each customer',
    ],
  ])('%j', (members, line) => {
    expect(lineOf(members)).toContain(line);
  });
});
