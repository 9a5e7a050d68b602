import { describe, expect, test } from 'vitest';

import { parseDurationMs } from '../../harness/engine/duration.ts';
import { parseMetricName } from '../../harness/engine/k6/metrics.ts';
import { canonicalName } from '../../harness/engine/k6/response.ts';
import { TrendSink } from '../../harness/engine/k6/trend.ts';
import { cleanUrl, resolvedUrl, splitUrl } from '../../harness/engine/k6/url.ts';
import { resolveOptions } from '../../harness/engine/script-options.ts';

describe('durations', () => {
  test.each([
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['10us', 0.01],
    ['500', 500],
    [500, 500],
    ['', undefined],
    ['s', undefined],
    ['10', 10],
    ['10 s', undefined],
    ['1s2', undefined],
    ['-1s', -1_000],
    ['--1s', undefined],
    ['-', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });
});

describe('a Trend', () => {
  test('is exact while it is small, with percentiles interpolated as in k6', () => {
    const trend = new TrendSink();
    for (const value of [4, 1, 3, 2]) trend.add(value);
    expect([trend.min, trend.max, trend.avg, trend.percentile(0.5), trend.percentile(0.95)]).toEqual([
      1, 4, 2.5, 2.5, 3.8499999999999996,
    ]);
  });

  test('keeps percentiles within 0.4 % in bounded memory when it is large', () => {
    const trend = new TrendSink();
    for (let value = 1; value <= 100_000; value++) trend.add(value / 10);
    expect(trend.count).toBe(100_000);
    expect([trend.min, trend.max]).toEqual([0.1, 10_000]);
    for (const quantile of [0.01, 0.5, 0.9, 0.99, 0.999]) {
      const error = Math.abs(trend.percentile(quantile) / (quantile * 10_000) - 1);
      expect(error).toBeLessThan(0.004);
    }
  });

  test('without samples is 0', () => {
    const trend = new TrendSink();
    expect([trend.avg, trend.min, trend.max, trend.percentile(0.9)]).toEqual([0, 0, 0, 0]);
  });

  test('takes values below, at and far above what it was made for', () => {
    const trend = new TrendSink();
    for (let round = 0; round < 400; round++) for (const value of [-5, 0, 1e-12, 1e18]) trend.add(value);
    expect([trend.min, trend.max]).toEqual([-5, 1e18]);
    expect(trend.percentile(1)).toBe(1e18);
  });
});

describe('names of metrics', () => {
  test.each([
    ['plain', { name: 'plain', tags: [] }],
    ['m{a:b}', { name: 'm', tags: [['a', 'b']] }],
    [
      'm{a:b, c:"d e"}',
      {
        name: 'm',
        tags: [
          ['a', 'b'],
          ['c', 'd e'],
        ],
      },
    ],
    ['m{group:::in}', { name: 'm', tags: [['group', '::in']] }],
  ])('%s', (text, expected) => {
    expect(parseMetricName(text)).toEqual(expected);
  });

  test.each(['m{a:b', 'm}', 'm{a}', 'm{a:b}x'])('%s is malformed', (text) => {
    expect(() => parseMetricName(text)).toThrow('malformed');
  });
});

describe('URLs', () => {
  test.each([
    ['http://h:1/p?q=1', 'http://h:1', '/p?q=1', 'http://h:1/p?q=1'],
    ['https://h', 'https://h', '/', 'https://h'],
    ['http://h/a b', 'http://h', '/a%20b', 'http://h/a%20b'],
    ['http://h/p#part', 'http://h', '/p', 'http://h/p#part'],
    ['http://h/a/../b', 'http://h', '/a/../b', 'http://h/a/../b'],
    ['HTTP://H/', 'http://h', '/', 'http://H/'],
    ['http://u:p%20w@h/', 'http://h', '/', 'http://u:p%20w@h/'],
    ['http://h/ü?ü', 'http://h', `/%C3%BC?\u00C3\u00BC`, 'http://h/%C3%BC?ü'],
    ["http://h/a'b|c", 'http://h', '/a%27b%7Cc', 'http://h/a%27b%7Cc'],
    ['ftp://h/', 'ftp://h', '/', 'ftp://h/'],
  ])('%s', (text, origin, path, href) => {
    expect(splitUrl(text)).toMatchObject({ origin, path, href });
  });

  test('name and password are read without their escapes, and hidden in what is shown', () => {
    expect(splitUrl('http://us%40er:p:w@h/').credentials).toEqual({ name: 'us@er', password: 'p:w' });
    expect(splitUrl('http://h/').credentials).toBeUndefined();
    expect(cleanUrl('http://user:pass@h/x?y=a@b')).toBe('http://****:****@h/x?y=a@b');
    expect(cleanUrl('http://user@h/')).toBe('http://****@h/');
  });

  test.each([
    ['http://h/%zz', 'invalid URL escape "%zz"'],
    ['http://h h/', 'invalid character " " in host name'],
    ['http://h:x/', 'invalid port ":x" after host'],
    ['1h:1/a', 'first path segment in URL cannot contain colon'],
    [':x', 'missing protocol scheme'],
    ['http://h/\n', 'invalid control character in URL'],
    ['http://a b@h/', 'invalid userinfo'],
    ['http://%41/', 'invalid URL escape "%41"'],
  ])('%s is none', (text, message) => {
    expect(() => splitUrl(text)).toThrow(message);
  });

  test.each([
    ['http://h/a/b?q', 'c', 'http://h/a/c'],
    ['http://h/a/b?q', '../c', 'http://h/c'],
    ['http://h/a/b?q', './', 'http://h/a/'],
    ['http://h/a/b?q', '?x', 'http://h/a/b?x'],
    ['http://h/a/b?q', '#x', 'http://h/a/b?q#x'],
    ['http://h/a/b?q', '/../../c', 'http://h/c'],
    ['http://h/a/b?q', '//g/c', 'http://g/c'],
    ['http://h/a/b?q', 'https://g/x/../c', 'https://g/c'],
    ['http://h/a/b?q', 'http://g', 'http://g'],
    ['http://u:p@h/a', '/c', 'http://u:p@h/c'],
    ['http://h', 'c', 'http://h/c'],
    ['http://h/a', '/\u00FC', 'http://h/%FC'],
  ])('%s leads with %s to %s', (base, location, expected) => {
    expect(resolvedUrl(base, location)).toBe(expected);
  });
});

test('header names are written as Go writes them', () => {
  expect(['x-request-id', 'ETag', 'WWW-authenticate', 'content-md5'].map(canonicalName)).toEqual([
    'X-Request-Id',
    'Etag',
    'Www-Authenticate',
    'Content-Md5',
  ]);
});

describe('options', () => {
  const scenario = { executor: 'constant-arrival-rate', rate: 5, duration: '10s', preAllocatedVUs: 2 };

  test.each([
    ['one iteration without any', {}, { executor: 'per-vu-iterations', vus: 1, iterations: 1 }],
    ['vus alone', { vus: 3 }, { executor: 'shared-iterations', vus: 3, iterations: 3 }],
    [
      'iterations',
      { vus: 2, iterations: 5 },
      { executor: 'shared-iterations', vus: 2, iterations: 5, maxMs: 600_000 },
    ],
    [
      'iterations with a duration',
      { iterations: 5, duration: '3s' },
      { executor: 'shared-iterations', iterations: 5, maxMs: 3_000 },
    ],
    ['duration', { vus: 2, duration: '3s' }, { executor: 'constant-vus', vus: 2, durationMs: 3_000 }],
    [
      'stages',
      { stages: [{ duration: '1s', target: 2 }] },
      { executor: 'ramping-vus', startVus: 1, stages: [{ durationMs: 1_000, target: 2 }] },
    ],
  ])('%s', (_, declared, expected) => {
    const { scenarios } = resolveOptions(declared, {});
    expect(scenarios).toHaveLength(1);
    expect(scenarios[0]).toMatchObject({
      name: 'default',
      exec: 'default',
      gracefulStopMs: 30_000,
      ...expected,
    });
  });

  test('a flag for the duration drops the scenarios, and keeps what is not about execution', () => {
    const declared = { scenarios: { own: scenario }, noConnectionReuse: true };
    const { scenarios, noConnectionReuse } = resolveOptions(declared, { duration: '5s', vus: 4 });
    expect(scenarios).toEqual([
      expect.objectContaining({ name: 'default', executor: 'constant-vus', durationMs: 5_000, vus: 4 }),
    ]);
    expect(noConnectionReuse).toBe(true);
  });

  test.each([
    [{ scenarios: { a: { ...scenario, rate: 0 } } }, 'options.scenarios.a.rate', 'more than 0', '0'],
    [
      { scenarios: { a: { ...scenario, preAllocatedVUs: undefined } } },
      'options.scenarios.a.preAllocatedVUs',
      'a whole number',
      'nothing',
    ],
    [
      { scenarios: { a: { ...scenario, maxVUs: 1 } } },
      'options.scenarios.a.maxVUs',
      'at least preAllocatedVUs (2)',
      '1',
    ],
    [
      { scenarios: { a: { ...scenario, vus: 1 } } },
      'options.scenarios.a.vus',
      'a member of constant-arrival-rate',
      '1',
    ],
    [
      { scenarios: { a: { ...scenario, duration: 'soon' } } },
      'options.scenarios.a.duration',
      'a duration such as 30s',
      'soon',
    ],
    [{ scenarios: { 'a b': scenario } }, 'options.scenarios.a b', 'a name of letters', 'a b'],
    [{ vus: 5, iterations: 2 }, 'options.scenarios.default.iterations', 'at least as many as VUs (5)', '2'],
    [
      { duration: '1s', stages: [{ duration: '1s', target: 1 }] },
      'options.stages',
      'not together with duration',
      'target',
    ],
  ])('%j is refused', (declared, field, expected, found) => {
    expect(() => resolveOptions(declared, {})).toThrow(field);
    expect(() => resolveOptions(declared, {})).toThrow(`expected ${expected}`);
    expect(() => resolveOptions(declared, {})).toThrow(found);
  });
});
