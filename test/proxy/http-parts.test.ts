import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyScanner } from '../../harness/proxy/http/body-scanner.ts';
import { Holds } from '../../harness/proxy/http/holds.ts';
import { parseHead, requestFraming, valueOf } from '../../harness/proxy/http/head.ts';
import { editFields, parseAttempt } from '../../harness/proxy/http/request.ts';

test('a hold of 50 days does not end at once, as a timer that overflows would', async () => {
  const holds = new Holds();
  const ended: string[] = [];
  void holds.hold('long', 50 * 24 * 3_600_000).ended.then(() => ended.push('long'));
  await holds.hold('short', 20).ended;
  expect(ended).toEqual([]);
  holds.releaseAll();
});

const headOf = (...lines: string[]) => parseHead(Buffer.from(lines.join('\r\n'), 'latin1'));

describe('heads', () => {
  test('keep every line as it came', () => {
    const head = headOf('GET / HTTP/1.1', 'Host:a', 'X-A:  b \t', 'x-a: c', 'Broken', 'Empty:');
    expect(head.start).toBe('GET / HTTP/1.1');
    expect(head.fields).toEqual([
      { name: 'host', value: 'a', raw: 'Host:a' },
      { name: 'x-a', value: 'b', raw: 'X-A:  b \t' },
      { name: 'x-a', value: 'c', raw: 'x-a: c' },
      { name: 'broken', value: '', raw: 'Broken' },
      { name: 'empty', value: '', raw: 'Empty:' },
    ]);
    expect(valueOf(head, 'x-a')).toBe('b');
  });

  test('a folded line belongs to the one before', () => {
    const { fields } = headOf('GET / HTTP/1.1', 'A: 1', ' 2', '\t3', 'B: 4');
    expect(fields.map(({ raw }) => raw)).toEqual(['A: 1\r\n 2\r\n\t3', 'B: 4']);
  });

  test('without fields', () => {
    expect(headOf('GET / HTTP/1.1').fields).toEqual([]);
  });

  test.each([
    ['a.1', { intent: 'a', attempt: 1 }],
    ['a.b.12', { intent: 'a.b', attempt: 12 }],
    ['a', undefined],
    ['.1', undefined],
    ['a.x', undefined],
    [undefined, undefined],
  ])('the attempt %s', (text, expected) => {
    expect(parseAttempt(text)).toEqual(expected);
  });

  test('edits touch the named header only', () => {
    const { fields } = headOf('GET / HTTP/1.1', 'Key: k', 'Other: o');
    const raws = (op: string): string[] => editFields(fields, op, 'KEY').map(({ raw }) => raw);
    expect(raws('drop')).toEqual(['Other: o']);
    expect(raws('duplicate')).toEqual(['Key: k', 'Key: k', 'Other: o']);
    expect(raws('requote')).toEqual(['Key: "k"', 'Other: o']);
    expect(raws('fold')).toEqual(['Key:\r\n k', 'Other: o']);
  });
});

describe('bodies', () => {
  /** Bytes cut at arbitrary places. */
  const pieces = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
    const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
    return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
  };

  /** Feeds the pieces; gives what was used, and what was left over. */
  const scan = (scanner: BodyScanner, parts: readonly Buffer[]): number => {
    let used = 0;
    for (const part of parts) {
      if (scanner.isDone) break;
      used += scanner.scan(part);
    }
    return used;
  };

  const chunked = (chunks: readonly Uint8Array[], trailer: string): Buffer =>
    Buffer.concat([
      ...chunks.flatMap((chunk) => [
        Buffer.from(`${chunk.length.toString(16)};x=1\r\n`),
        chunk,
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`0\r\n${trailer}\r\n`),
    ]);

  test('a chunked body ends at its end, wherever it is cut, and whatever follows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 }),
        fc.constantFrom('', 'A: b\r\n', 'A: b\r\nC: d\r\n'),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.string(),
        (chunks, trailer, cuts, next) => {
          const body = chunked(chunks, trailer);
          const scanner = new BodyScanner({ kind: 'chunked' }, 10_000);
          expect(scan(scanner, pieces(Buffer.concat([body, Buffer.from(next)]), cuts))).toBe(body.length);
          expect(scanner.isDone).toBe(true);
          expect(scanner.payload).toEqual(Buffer.concat(chunks));
        },
      ),
    );
  });

  test('a body of known length ends there', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.array(fc.nat()), fc.string(), (content, cuts, next) => {
        const scanner = new BodyScanner({ kind: 'length', length: content.length }, 10_000);
        const bytes = Buffer.concat([content, Buffer.from(next)]);
        expect(scan(scanner, pieces(bytes, cuts))).toBe(content.length);
        expect(scanner.payload).toEqual(Buffer.from(content));
      }),
    );
  });

  test('a body that lasts until the connection ends is never done', () => {
    const scanner = new BodyScanner({ kind: 'close' }, 10);
    expect(scanner.scan(Buffer.from('abc'))).toBe(3);
    expect(scanner.isDone).toBe(false);
    expect(scanner.payload?.toString()).toBe('abc');
  });

  test('a payload beyond what is kept is not given in part', () => {
    const scanner = new BodyScanner({ kind: 'length', length: 20 }, 10);
    scanner.scan(Buffer.alloc(20));
    expect(scanner.payload).toBeUndefined();
  });

  test.each(['zz\r\n', '-1\r\n', '\r\n', '1\r\nab\r\n', `${'f'.repeat(20)}\r\n`])(
    'chunks like %j are refused',
    (text) => {
      expect(() => new BodyScanner({ kind: 'chunked' }).scan(Buffer.from(text))).toThrow();
    },
  );

  test('framing of requests', () => {
    const framing = (...fields: string[]) => requestFraming(headOf('POST / HTTP/1.1', ...fields));
    expect(framing()).toEqual({ kind: 'none' });
    expect(framing('Content-Length: 0')).toEqual({ kind: 'none' });
    expect(framing('Content-Length: 7', 'content-length: 7')).toEqual({ kind: 'length', length: 7 });
    expect(framing('Transfer-Encoding: Chunked')).toEqual({ kind: 'chunked' });
  });
});
