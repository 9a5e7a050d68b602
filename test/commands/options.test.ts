import { describe, expect, test } from 'vitest';
import { durationMs } from '../../harness/base/duration.ts';
import {
  duration,
  hosts,
  listenHost,
  listOf,
  nameText,
  oneOf,
  wholeNumber,
  wordOrUrl,
} from '../../harness/commands/options.ts';

describe('flags are read strictly', () => {
  const integer = wholeNumber('--vus', 1, 100);
  test.each(['0', '101', '1.5', '-1', 'ten', '', ' 5', '1e2', '0x10'])('%j is no number of VUs', (text) => {
    expect(() => integer(text)).toThrow(/--vus: wrong value; expected a whole number from 1 to 100; found /);
  });
  test('the ends of the range are in it', () => {
    expect(integer('1')).toBe(1);
    expect(integer('100')).toBe(100);
  });

  test('an unknown word is told with the known ones', () => {
    expect(() => oneOf('--engine', ['auto', 'k6'])('gatling')).toThrow(
      '--engine: wrong value; expected auto, k6; found "gatling"',
    );
    expect(() => listOf('--report', ['html', 'json'])('html,pdf')).toThrow(/found "pdf"/);
    expect(listOf('--report', ['html', 'json'])('html, json')).toEqual(['html', 'json']);
  });

  test('an address needs one of the schemes', () => {
    const store = wordOrUrl('--store', ['memory'], ['redis:']);
    expect(store('memory')).toBe('memory');
    expect(store('redis://127.0.0.1:6379')).toBe('redis://127.0.0.1:6379');
    expect(() => store('http://127.0.0.1')).toThrow(/expected memory or redis:\/\/host:port/);
    expect(() => store('127.0.0.1:6379')).toThrow(/--store/);
  });

  test.each(['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost', 'my-host.local'])(
    '%s is listened on',
    (text) => {
      expect(listenHost('--host')(text)).toBe(text);
    },
  );
  test.each(['', ' ', '0', '127.1', '-', 'a b', 'http://x', 'x:80', '[::1]', '\u001b[2J'])(
    '%j is nothing to listen on',
    (text) => {
      expect(() => listenHost('--host')(text)).toThrow(/--host: wrong value; expected an address or a name/);
    },
  );

  test('hosts add up, in small letters', () => {
    const more = hosts('--allow-host');
    expect(more('B.example', more('a.example:81'))).toEqual(['a.example:81', 'b.example']);
  });
  test.each(['', '*', 'http://a', 'a/b', 'a:port', 'a b', '@a', '[::1'])('%j is no host', (text) => {
    expect(() => hosts('--allow-host')(text)).toThrow(
      /--allow-host: wrong value; expected host or host:port/,
    );
  });

  test('a run id becomes part of names, so it holds no path', () => {
    expect(nameText('--run-id')('nightly-7')).toBe('nightly-7');
    for (const text of ['../x', 'a b', '', 'x'.repeat(33)])
      expect(() => nameText('--run-id')(text)).toThrow(/--run-id/);
  });
});

describe('durations are written as k6 writes them', () => {
  test.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5s', 1500],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
    expect(duration('--duration')(text)).toBe(text);
  });
  test.each(['30', 's', '30 s', '5d', '0s', '25h', '-1s', ''])('%j is none', (text) => {
    expect(() => duration('--duration')(text)).toThrow(/--duration: wrong value; expected a duration/);
  });
});
