/** Requests that are sent otherwise than the first: what may be refused, and what no way excuses. */
import { describe, expect, test } from 'vitest';
import { drawHistory, judged, rulesOf, type RunOptions } from '../support/history-builder.ts';

const counted = (events: Parameters<typeof judged>[0], moment: string) =>
  judged(events).coverage.find(({ name }) => name === moment)?.count ?? 0;

describe('a repetition in another envelope', () => {
  const draw = (answer: 'replay' | 'refusal' | 'unknown' | 'another', mayRefuse?: true) => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    const again = coffee.send({ way: 'envelope: an unknown member', ...(mayRefuse && { mayRefuse }) });
    if (answer === 'replay') again.ok('rdm_1', { replayed: true });
    if (answer === 'refusal') again.refused(400, 'invalid_request');
    if (answer === 'unknown') again.refused(404, 'not_found');
    if (answer === 'another') again.ok('rdm_2');
    const done = answer === 'another' ? ['rdm_1', 'rdm_2'] : ['rdm_1'];
    ada.auditWith(done.map((redemption) => ({ intent: coffee, redemption })));
    return history.events();
  };

  test.each(['replay', 'refusal', 'unknown'] as const)('that may be refused: a %s is right', (answer) => {
    expect(judged(draw(answer, true)).verdict).toBe('valid');
    expect(counted(draw(answer, true), 'another-envelope')).toBe(1);
  });

  test('that may be refused, may be so also where only the hop heard it', () => {
    const draw = (mayRefuse?: true) => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.ok('rdm_1').arrives({ answer: 200, redemption: 'rdm_1', endedAt: history.tick() });
      const again = coffee.send({ way: 'payload: half a point', ...(mayRefuse && { mayRefuse }) });
      again.arrives({ answer: 400, endedAt: history.tick() });
      again.answered(502, { by: 'proxy' });
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return rulesOf(judged(history.events()));
    };
    expect(draw(true)).toEqual([]);
    expect(draw()).toEqual(['unexpected-status']);
  });

  test('that must be known as the same: a refusal is a violation', () => {
    expect(rulesOf(judged(draw('refusal')))).toEqual(['unexpected-status']);
    expect(rulesOf(judged(draw('unknown')))).toEqual(['unexpected-status']);
    expect(judged(draw('replay')).verdict).toBe('valid');
  });

  test('nor does it matter that the refusal was lost on its way', () => {
    const history = drawHistory({ capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    const again = coffee.send({ way: 'envelope: a query', mayRefuse: true });
    const at = history.tick();
    const arrival = { type: 'arrival', at, hop: 'hop', attempt: again.invoke.attempt, copy: 0 } as const;
    history.add({ ...arrival, upstream: 'r1', endedAt: history.tick(), answer: 404 });
    again.answered(502, { by: 'proxy' });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });

  test('another redemption is one too many, however it was sent', () => {
    expect(rulesOf(judged(draw('another', true)))).toContain('double-debit');
  });

  test('a 5xx of the endpoint is its own', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    coffee.send({ way: 'payload: no points', mayRefuse: true }).answered(500, { code: 'internal_error' });
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toEqual(['unexpected-status']);
  });
});

describe('another payload under a key that is in flight', () => {
  const draw = (
    refusal: readonly [number, string],
    {
      hasTwin = false,
      isRepeated = false,
      ...run
    }: RunOptions & { hasTwin?: boolean; isRepeated?: boolean } = {},
  ) => {
    const history = drawHistory(run);
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1', { key: 'k' });
    const other = ada.intent('i-2', { key: 'k', points: 120, client: hasTwin ? 'twin' : 'own' });
    const first = coffee.send();
    const done = [{ intent: coffee, redemption: 'rdm_1' }];
    if (hasTwin) {
      const twin = ada.intent('i-3', { key: 'k3', points: 120, client: 'twin' });
      twin.ok('rdm_3');
      done.push({ intent: twin, redemption: 'rdm_3' });
    }
    const second = isRepeated ? other.send() : undefined;
    other.refused(...refusal);
    second?.refused(422, 'idempotency_key_reused');
    first.ok('rdm_1');
    other.refused(422, 'idempotency_key_reused');
    ada.auditWith(done);
    return rulesOf(judged(history.events()));
  };
  const IN_PROGRESS = [409, 'redemption_in_progress'] as const;

  test('is refused as another payload', () => {
    expect(draw([422, 'idempotency_key_reused'])).toEqual([]);
  });

  test('is not told to come back: it would wait for the other one', () => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 2000 });
    const coffee = ada.intent('i-1', { key: 'k' });
    const other = ada.intent('i-2', { key: 'k', points: 120 });
    const first = coffee.send();
    other.refused(...IN_PROGRESS);
    first.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(rulesOf(judged(history.events()))).toContain('payload-binding');
  });

  test('an attempt of the same payload may be the one in flight', () => {
    expect(draw(IN_PROGRESS, { isRepeated: true })).not.toContain('payload-binding');
  });

  test('so may the same redemption under another key', () => {
    expect(draw(IN_PROGRESS, { hasTwin: true })).not.toContain('payload-binding');
  });
});

describe("the duplicate window by the customer's own clock", () => {
  const draw = (ageMs: number) => {
    const history = drawHistory();
    const ada = history.customer('ada', { points: 2000 });
    ada.clock(1_000_000);
    const first = ada.intent('i-1', { client: null });
    first.ok('rdm_1');
    ada.clock(1_000_000 + ageMs);
    const later = ada.intent('i-2', { client: null });
    later.refused(409, 'duplicate_redemption');
    ada.auditWith([{ intent: first, redemption: 'rdm_1' }]);
    return rulesOf(judged(history.events()));
  };

  test('inside it the same again is a duplicate', () => {
    expect(draw(4999)).toEqual([]);
  });

  test('at its end the same again is an honest redemption', () => {
    expect(draw(5000)).toEqual(['false-duplicate']);
  });
});
