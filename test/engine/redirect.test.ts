import { expect, test } from 'vitest';
import { nextHop, withReferer, type Hop } from '../../harness/engine/k6/redirect.ts';

const FIRST = 'http://api.example:8080/a/b?c=d';
const HEADERS = [
  'Authorization',
  'Bearer t',
  'Cookie',
  's=1',
  'Content-Type',
  'application/json',
  'X-Own',
  '1',
];

function hop(method: string, url = FIRST, headers: readonly string[] = HEADERS): Hop {
  return { url, method, headers, body: method === 'GET' || method === 'HEAD' ? null : '{}' };
}

test.each([
  // Go's redirectBehavior: the method and whether the body goes along.
  [301, 'POST', 'GET', false],
  [302, 'PUT', 'GET', false],
  [303, 'DELETE', 'GET', false],
  [303, 'HEAD', 'HEAD', false],
  [301, 'GET', 'GET', false],
  [307, 'POST', 'POST', true],
  [308, 'PATCH', 'PATCH', true],
])('%i after %s is a %s, with the body: %s', (status, method, next, keepsBody) => {
  const made = nextHop(FIRST, hop(method), status, '/x');
  expect(made).toMatchObject({ url: 'http://api.example:8080/x', method: next });
  expect(made?.body === '{}').toBe(keepsBody);
  expect(made?.headers.includes('Content-Type')).toBe(keepsBody);
  expect(made?.headers).toContain('X-Own');
});

test.each([
  ['the same host', '/x', true],
  ['the same host with another port', 'http://api.example:1/x', true],
  ['the same host in capitals', 'http://API.example/x', true],
  ['a host below it', 'http://eu.api.example/x', true],
  ['the host above it', 'http://example/x', false],
  ['a host that only ends alike', 'http://evil-api.example/x', false],
  ['another host', 'http://evil.example/x', false],
  ['another host without a scheme', '//evil.example/x', false],
  ['an address', 'http://192.0.2.1/x', false],
  ['an address of IPv6', 'http://[::1]/x', false],
])('credentials go to %s: %s', (_, location, isKept) => {
  const names = nextHop(FIRST, hop('POST'), 307, location)?.headers.filter((_, index) => index % 2 === 0);
  expect(names?.includes('Authorization')).toBe(isKept);
  expect(names?.includes('Cookie')).toBe(isKept);
  expect(names).toContain('X-Own');
});

test.each([
  'Authorization',
  'COOKIE',
  'cookie2',
  'Www-Authenticate',
  'Proxy-Authorization',
  'Proxy-Authenticate',
])('%s is a credential', (name) => {
  expect(nextHop(FIRST, hop('GET', FIRST, [name, 'x']), 302, 'http://evil.example/')?.headers).toEqual([]);
});

test('what was taken off does not come back at the first host', () => {
  const away = nextHop(FIRST, hop('POST'), 307, 'http://evil.example/x');
  const back = away && nextHop(FIRST, away, 307, FIRST);
  expect(back?.url).toBe(FIRST);
  expect(back?.headers).toEqual(['Content-Type', 'application/json', 'X-Own', '1']);
});

test('a Host of the script goes along within its host only', () => {
  const given = hop('GET', FIRST, ['Host', 'virtual.example']);
  expect(nextHop(FIRST, given, 302, '/x')?.headers).toEqual(['Host', 'virtual.example']);
  expect(nextHop(FIRST, given, 302, 'http://api.example:8080/x')?.headers).toEqual([]);
});

test.each(['http://[', 'http://a b/', 'http://h:x/'])('%s leads nowhere', (location) => {
  expect(nextHop(FIRST, hop('GET'), 302, location)).toBeUndefined();
});

test.each([
  [
    'the page before',
    'http://u:p@a.example/x?y#z',
    'http://b.example/',
    [],
    ['Referer', 'http://a.example/x?y#z'],
  ],
  ['not what was secure', 'https://a.example/x', 'http://b.example/', [], []],
  ["the script's own", 'http://a.example/x', 'http://b.example/', ['referer', 'mine'], ['referer', 'mine']],
])('the Referer is %s', (_, from, to, headers, expected) => {
  expect(withReferer(headers, from, to)).toEqual(expected);
});
