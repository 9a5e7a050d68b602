import { expect, test } from 'vitest';
import { parsedJson } from '../../harness/model/json.ts';

test('a whole number that no double holds stays what was written', () => {
  const text = '{"a":1234567890123456001,"b":[-9007199254740993],"c":9007199254740991}';
  expect(parsedJson(text)).toEqual({
    a: '1234567890123456001',
    b: ['-9007199254740993'],
    c: 9007199254740991,
  });
});

test('texts, decimals and exponents are left as they are', () => {
  const text = String.raw`{"a":"1234567890123456001","b\"1234567890123456001":1,"c":0.12345678901234567,"d":1e300}`;
  expect(parsedJson(text)).toEqual(JSON.parse(text));
});

test('what is no JSON is undefined, however long its numbers are', () => {
  expect(parsedJson('{"a":1234567890123456001')).toBeUndefined();
  expect(parsedJson('01234567890123456001')).toBeUndefined();
  expect(parsedJson('')).toBeUndefined();
});
