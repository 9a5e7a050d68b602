import { describe, expect, test } from 'vitest';
import { leaksIn } from '../../scenarios/lib/leaks.ts';

const shown = (body: unknown, secret: string | number, said = {}) =>
  leaksIn(JSON.stringify(body), [secret], said).length > 0;

describe('a value of another request in an answer', () => {
  test('is one as a word of its own, not as a part of another word', () => {
    expect(shown({ title: 'used for tea before' }, 'tea')).toBe(true);
    expect(shown({ title: 'take another one instead' }, 'tea')).toBe(false);
    expect(shown({ redemption: 'rdm_12' }, 'rdm_12')).toBe(true);
    expect(shown({ redemption: 'rdm_123' }, 'rdm_12')).toBe(false);
  });

  test('is no short number that stands there by chance, unless the answer names it as its redemption', () => {
    expect(shown({ id: '7', left: 7 }, '7')).toBe(false);
    expect(shown({ id: '7' }, '7', { redemption: '7' })).toBe(true);
    expect(shown({ id: '1000001' }, '1000001')).toBe(true);
  });

  test('is no sum that is the balance that the answer tells', () => {
    expect(shown({ left: 500 }, 500, { balance: 500 })).toBe(false);
    expect(shown({ left: 500, price: 500 }, 500, { balance: 500 })).toBe(true);
    expect(shown({ price: 500 }, 500)).toBe(true);
  });

  test('is no sum that is the status of the answer', () => {
    expect(shown({ status: 500 }, 500, { status: 500 })).toBe(false);
    expect(shown({ status: 500, price: 500 }, 500, { status: 500 })).toBe(true);
    expect(shown({ status: 500 }, 500, { status: 422 })).toBe(true);
  });
});
