import { describe, expect, test } from 'vitest';
import { HarnessError } from '../../harness/base/errors.ts';
import { decodeLine, encodeEvent, redact } from '../../harness/history/codec.ts';
import { runEvent } from '../support/history-builder.ts';

function refused(line: string): HarnessError {
  try {
    decodeLine(line, 'h.ndjson:7');
  } catch (error) {
    if (error instanceof HarnessError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const INVOKE = {
  type: 'invoke',
  at: 1,
  attempt: 'i-1.1',
  intent: 'i-1',
  customer: 'ada',
  reward: 'r',
  points: 5,
  payloadHash: 'h',
  via: 'script',
};

describe('decodeLine', () => {
  test('gives back what was encoded, with members that nobody knows', () => {
    const event = { ...runEvent(), tomorrow: [1, 2] };
    expect(decodeLine(encodeEvent(event), 'f:1')).toEqual(event);
  });

  test.each([
    ['no JSON', '{"type":', 'h.ndjson:7: is not JSON; expected one JSON object a line; found "{\\"type\\":"'],
    ['no object', '[1]', 'h.ndjson:7: is no event; expected a JSON object with a "type"; found [1]'],
    ['no type', '{"at":1}', 'h.ndjson:7: has no type; expected a text at /type; found null'],
    [
      'an unknown type',
      '{"type":"party","at":1}',
      'h.ndjson:7: unknown event type; expected run, invoke, complete, arrival, fault, clock, credit, observe, retire, audited, end; found "party"',
    ],
    [
      'a missing member',
      '{"type":"retire","at":1}',
      'h.ndjson:7: bad retire event at /customer; expected the member to be there; found null',
    ],
    [
      'a member of the wrong type',
      JSON.stringify({ ...INVOKE, points: '5' }),
      'h.ndjson:7: bad invoke event at /points; expected number; found "5"',
    ],
    [
      'a word that is none of those allowed',
      JSON.stringify({ ...INVOKE, via: 'pigeon' }),
      'h.ndjson:7: bad invoke event at /via; expected script or raw or settle; found "pigeon"',
    ],
    [
      'a key that is neither text nor list',
      JSON.stringify({ ...INVOKE, key: 7 }),
      'h.ndjson:7: bad invoke event at /key; expected string or array; found 7',
    ],
    [
      'a bad row of a list that was read',
      '{"type":"observe","at":1,"until":2,"customer":"a","via":"audit","what":"redemptions","value":[{"redemption":1}]}',
      'h.ndjson:7: bad observe event at /value/0/redemption; expected string; found 1',
    ],
    [
      'a balance that is no number',
      '{"type":"observe","at":1,"until":2,"customer":"a","via":"audit","what":"balance","value":"5"}',
      'h.ndjson:7: bad observe event at /value; expected number; found "5"',
    ],
    [
      'a bad row of the contract',
      JSON.stringify(runEvent({ contract: { missingKey: { status: 7 } } })),
      'h.ndjson:7: bad run event at /contract/missingKey/status; expected >= 100; found 7',
    ],
  ])('names line, member, expected and found: %s', (_name, line, message) => {
    const error = refused(line);
    expect(error.message).toBe(message);
    expect(error).toMatchObject({ kind: 'usage', code: 'history-line' });
  });
});

describe('redaction', () => {
  test.each([
    ['{"error":"sent Authorization: Bearer abc.def-123"}', '{"error":"sent Authorization: [redacted]"}'],
    ['{"detail":{"authorization":"Basic dXNlcjpwYXNz"}}', '{"detail":{"authorization":"[redacted]"}}'],
    [
      '{"error":"{\\"Authorization\\":\\"Bearer abc\\"}"}',
      '{"error":"{\\"Authorization\\":\\"[redacted]\\"}"}',
    ],
    ['{"error":"bearer tok_1234"}', '{"error":"bearer [redacted]"}'],
    ['{"key":"6f1c-2b7e","customer":"ada"}', '{"key":"6f1c-2b7e","customer":"ada"}'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test('named secrets are taken out wherever they stand', () => {
    expect(redact('{"error":"bad token tok_secret_1"}', ['tok_secret_1'])).toBe(
      '{"error":"bad token [redacted]"}',
    );
  });

  test('a redacted line is still an event', () => {
    const line = encodeEvent({
      type: 'complete',
      at: 1,
      attempt: 'i-1.1',
      outcome: 'info',
      by: 'server',
      error: 'refused {"Authorization":"Bearer x"} and Bearer y"',
    });
    expect(line).not.toMatch(/Bearer [xy]/);
    expect(decodeLine(line, 'f:1').type).toBe('complete');
  });
});
