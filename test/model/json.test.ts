import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactJson } from '../../harness/model/json.ts';
import { referenceTarget } from '../../harness/model/target.ts';
import { readAnswer, readBalance, readRedemptions } from '../../harness/model/read-answer.ts';

test('whole numbers of 64 bits keep their digits, and all others stay numbers', () => {
  expect(
    exactJson('[1234567890123456789,-9007199254740993,9007199254740991,0.1234567890123456789,1e25]'),
  ).toEqual(['1234567890123456789', '-9007199254740993', 9007199254740991, 0.12345678901234568, 1e25]);
});

test('digits within a text, also behind an escaped quote, are that text', () => {
  const value = { 'a\\"': 'x" 1234567890123456789', b: '\\', c: [1234567890123456000] };
  expect(exactJson('{"a\\\\\\"":"x\\" 1234567890123456789","b":"\\\\","c":[1234567890123456000]}')).toEqual({
    ...value,
    c: ['1234567890123456000'],
  });
});

test('what is no JSON is undefined, and so it is when only long numbers are whole', () => {
  expect([exactJson(''), exactJson('{"a":12345678901234567890'), exactJson('01234567890123456789')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('any JSON without such numbers is read as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      const long = text.replace(/^/, '["1234567890123456789",').replace(/$/, ']');
      const numbers = text.match(/-?\d{16,}/g) ?? [];
      fc.pre(numbers.every((number) => Number.isSafeInteger(Number(number))));
      expect(exactJson(long)).toEqual(JSON.parse(long));
    }),
  );
});

const target = referenceTarget('http://127.0.0.1:1');

test('two redemptions whose numbers follow each other are two, in answers and in lists', () => {
  const ids = ['1234567890123456789', '1234567890123456790'];
  const answers = ids.map((id) => readAnswer(target, `{"redemption_id":${id}}`).redemption);
  const list = `{"redemptions":[${ids.map((id) => `{"redemption_id":${id}}`).join()}]}`;
  expect(answers).toEqual(ids);
  expect(readRedemptions(target, list)?.items.map(({ redemption }) => redemption)).toEqual(ids);
});

test('a balance that would be rounded is no balance', () => {
  expect(readBalance(target, '{"current_balance":9007199254740993}')).toBe(undefined);
});
