/** What a raw connection sends, byte by byte. */
import { describe, expect, test } from 'vitest';
import { RAW_ENVELOPES, wireText, type RawRequest } from '../../harness/engine/raw/envelopes.ts';

const request: RawRequest = {
  method: 'POST',
  path: '/redeem?x=1',
  version: '1.1',
  keyHeader: 'Idempotency-Key',
  headers: [
    ['Host', 'a.example'],
    ['Idempotency-Key', 'K-1'],
  ],
  body: '{"é":1}',
};

const sent = (name: string) =>
  wireText(request, RAW_ENVELOPES.find((envelope) => envelope.name === name) ?? expect.fail(name));

describe('a redemption on a raw connection', () => {
  test('goes out as it was written, with its length in bytes', () => {
    const text =
      'POST /redeem?x=1 HTTP/1.1\r\nHost: a.example\r\nIdempotency-Key: K-1\r\nContent-Length: 8\r\nConnection: close\r\n\r\n{"é":1}';
    expect(wireText(request)).toBe(text);
    expect(sent('another connection')).toBe(text);
  });

  test('has its names in another letter case, and its values as they were', () => {
    expect(sent('header names in lower case')).toContain('\r\nidempotency-key: K-1\r\n');
    expect(sent('header names in capitals')).toContain('\r\nIDEMPOTENCY-KEY: K-1\r\n');
  });

  test('has its headers in another order, or blanks around the key and no other value', () => {
    expect(sent('headers in reverse')).toContain('HTTP/1.1\r\nIdempotency-Key: K-1\r\nHost: a.example\r\n');
    const text = sent('blanks around the key');
    expect(text).toContain('\r\nIdempotency-Key:   K-1 \t\r\n');
    expect(text).toContain('\r\nHost: a.example\r\n');
  });

  test('speaks an old version', () => {
    expect(sent('HTTP/1.0')).toMatch(/^POST \/redeem\?x=1 HTTP\/1\.0\r\n/);
  });

  test('has its body in chunks, with no length', () => {
    const text = sent('a body in chunks');
    expect(text).not.toContain('Content-Length');
    expect(text).toContain('\r\nTransfer-Encoding: chunked\r\n');
    expect(text).toMatch(/\r\n\r\n8\r\n\{"é":1\}\r\n0\r\n\r\n$/);
  });
});
