/** Two witnesses of one thing: where they contradict each other, nothing is proved; where they only look so, nothing is lost. */

import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { digestOf } from '../../harness/history/reading-digest.ts';
import {
  drawHistory,
  judged,
  rulesOf,
  type DrawnHistory,
  type SendOptions,
} from '../support/history-builder.ts';

/** One intent, answered with `rdm_1`, and the hop saw it. */
function seen(arrival: object = {}, send: SendOptions = {}): DrawnHistory {
  const history = drawHistory({ capabilities: { arrivals: true } });
  const ada = history.customer('ada');
  const coffee = ada.intent('i-1');
  const sent = coffee.send(send);
  sent.arrives({ answer: 200, redemption: 'rdm_1', ...arrival });
  sent.ok('rdm_1');
  ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
  return history;
}

function changed(history: DrawnHistory, change: (event: HistoryEvent) => HistoryEvent): HistoryEvent[] {
  return history.events().map(change);
}

describe('client and hop', () => {
  test('a key that arrived is the one that was sent, with quotes or without', () => {
    expect(judged(seen().events()).verdict).toBe('valid');
    expect(judged(seen({ key: '"key-i-1"' }).events()).verdict).toBe('valid');
    const { verdict, reasons } = judged(seen({ key: 'key-i-2' }).events());
    expect(verdict).toBe('unknown');
    expect(reasons.join()).toContain('sent with key key-i-1, and key-i-2 arrived');
  });

  test('white space round a key may be taken off on the way', () => {
    const history = drawHistory({ capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const odd = ada.intent('i-1', { key: ' key-i-1' }).send();
    odd.arrives({ key: 'key-i-1', answer: 400 }).refused(400, 'invalid_idempotency_key');
    const coffee = ada.intent('i-2');
    coffee.ok('rdm_2');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_2' }]);
    expect(judged(history.events()).reasons).toEqual([]);
  });

  test('the answer that a client got was given by the endpoint', () => {
    expect(judged(seen({ answer: 422, redemption: undefined }).events()).verdict).toBe('unknown');
    expect(judged(seen({ redemption: 'rdm_2' }).events()).verdict).not.toBe('valid');
    // Nobody saw how this one ended: it may have been the one.
    expect(judged(seen({ answer: undefined, redemption: undefined }).events()).verdict).toBe('valid');
  });

  test('of a request and its copy either may have given the answer', () => {
    const history = drawHistory({ capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const sent = coffee.send();
    sent.arrives({ answer: 409 });
    sent.arrives({ copy: 1, answer: 200, redemption: 'rdm_1' });
    sent.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('status and outcome', () => {
  test('a status that was taken for something else proves nothing', () => {
    const events = changed(seen(), (event) =>
      event.type === 'complete' ? { ...event, outcome: 'ok', status: 422 } : event,
    );
    const { verdict, reasons } = judged(events);
    expect(verdict).toBe('unknown');
    expect(reasons.join()).toContain('status 422 was taken for "ok"');
  });
});

describe('the requests of one intent', () => {
  test('ask for one thing', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost({ points: 501 });
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events()).reasons.join()).toContain('the requests of i-1 ask for different things');
  });

  test('in whatever writing', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.lost({ bodyHash: 'another-writing' });
    coffee.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('the key in the ledger', () => {
  /** Two intents; the ledger has the first under its key, the second under the one that is given. */
  function booked(first: string, second: string): HistoryEvent[] {
    const history = drawHistory();
    const ada = history.customer('ada');
    const [one, two] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 100 })];
    one.ok('rdm_1');
    two.ok('rdm_2');
    ada.audit({
      balance: 800,
      redemptions: [one.row('rdm_1'), two.row('rdm_2')],
      ledger: [one.debit('rdm_1', first), two.debit('rdm_2', second)],
    });
    return history.events();
  }

  test('is one that was sent, where the ledger keeps keys as they were sent', () => {
    expect(judged(booked('key-i-1', 'key-i-2')).verdict).toBe('valid');
    expect(judged(booked('key-i-1', 'key-i-3')).reasons.join()).toContain('under a key that was never sent');
    expect(judged(booked('key-i-3', 'key-i-2')).verdict).toBe('unknown');
  });

  test('says nothing where the ledger has keys of its own', () => {
    expect(judged(booked('sha256:1', 'sha256:2'))).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  test('may be made up for a request that had none', () => {
    const history = drawHistory({ contract: { missingKey: 'accept' } });
    const ada = history.customer('ada');
    const [one, two] = [ada.intent('i-1', { points: 100 }), ada.intent('i-2', { points: 100, key: null })];
    one.ok('rdm_1');
    two.ok('rdm_2');
    ada.audit({
      balance: 800,
      redemptions: [one.row('rdm_1'), two.row('rdm_2')],
      ledger: [one.debit('rdm_1'), two.debit('rdm_2', 'auto-1')],
    });
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('a reading and its repetition', () => {
  function readTwice(change: (event: HistoryEvent) => HistoryEvent | undefined): HistoryEvent[] {
    const history = seen();
    const events = history.events();
    const read = events.filter((event) => event.type === 'observe').filter(({ via }) => via === 'audit');
    return events
      .map((event) => (event.type === 'audited' ? { ...event, again: digestOf(read) } : change(event)))
      .filter((event) => event !== undefined);
  }

  test('say the same', () => {
    expect(judged(readTwice((event) => event))).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  test.each(['balance', 'redemptions', 'ledger'])('a %s that was cut out is missed', (what) => {
    const events = readTwice((event) =>
      event.type === 'observe' && event.via === 'audit' && event.what === what ? undefined : event,
    );
    const { verdict, reasons } = judged(events);
    expect(verdict).not.toBe('valid');
    expect(reasons.join()).toContain('what was read of ada last is not what was read before');
  });

  test('a row that was changed is seen', () => {
    const events = readTwice((event) =>
      event.type === 'observe' && event.via === 'audit' && event.what === 'ledger'
        ? { ...event, value: event.value.map((debit) => ({ ...debit, at_ms: debit.at_ms + 1 })) }
        : event,
    );
    expect(judged(events).verdict).toBe('unknown');
  });

  test('what a credential was taken out of is not compared', () => {
    const events = readTwice((event) =>
      event.type === 'observe' && event.via === 'audit' && event.what === 'redemptions'
        ? { ...event, value: event.value.map((row) => ({ ...row, status: '[redacted]' })) }
        : event,
    );
    expect(judged(events)).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('what the target offers', () => {
  test('is read once the last request is over; an earlier reading is none of it', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.readBalance(500);
    const late = ada.intent('i-2', { points: 600 });
    late.refused(422, 'insufficient_points');
    ada.audit({ redemptions: [coffee.row('rdm_1')], ledger: [coffee.debit('rdm_1')] });
    expect(judged(history.events()).reasons.join()).toContain('could not be read back in full');
  });

  test('is read by whoever reads last', () => {
    const history = drawHistory();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.ok('rdm_1');
    ada.readBalance(500);
    ada.audit({ redemptions: [coffee.row('rdm_1')], ledger: [coffee.debit('rdm_1')] });
    expect(judged(history.events())).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('a 200 that only the hop saw', () => {
  function lost(left: readonly string[], arrival: object = {}): HistoryEvent[] {
    const history = drawHistory({ capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee
      .send()
      .arrives({ answer: 200, redemption: 'rdm_1', ...arrival })
      .lost();
    coffee.ok('rdm_2', { replayed: true });
    ada.auditWith(left.map((redemption) => ({ intent: coffee, redemption })));
    return history.events();
  }

  test('names a redemption that is there', () => {
    expect(rulesOf(judged(lost(['rdm_2'])))).toContain('lost-debit');
    expect(judged(lost(['rdm_2'], { redemption: 'rdm_2' }))).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  test('finishes a key: a refusal after it is wrong, also one that only the hop saw', () => {
    const draw = (answer: number) => {
      const history = drawHistory({ capabilities: { arrivals: true } });
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      coffee.send().arrives({ answer: 200, redemption: 'rdm_1' }).lost();
      history.tick();
      coffee
        .send()
        .arrives({ answer, ...(answer === 200 && { redemption: 'rdm_1' }) })
        .lost();
      coffee.ok('rdm_1', { replayed: true });
      ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
      return judged(history.events());
    };
    expect(draw(200)).toMatchObject({ verdict: 'valid', reasons: [] });
    // A rate limiter says nothing of the key.
    expect(draw(429)).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(rulesOf(draw(422))).toEqual(['unexpected-status']);
  });

  test('that came while it was read back need not be in it', () => {
    const history = drawHistory({ capabilities: { arrivals: true } });
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const sent = coffee.send();
    sent.ok('rdm_1');
    ada.auditWith([{ intent: coffee, redemption: 'rdm_1' }]);
    sent.arrives({ copy: 1, answer: 200, redemption: 'rdm_2' });
    expect(rulesOf(judged(history.events()))).toEqual([]);
  });
});
