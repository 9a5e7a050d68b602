import { describe, expect, test } from 'vitest';
import { COVERAGE, COVERAGE_NAMES, type CoverageName } from '../../harness/checker/coverage.ts';
import type { FaultKind } from '../../harness/history/events.ts';
import { drawHistory, judged, type DrawnCustomer, type DrawnHistory } from '../support/history-builder.ts';

/** Two replicas behind a hop, everything readable. */
function hopped(): DrawnHistory {
  return drawHistory({ capabilities: { arrivals: true, replicas: 2 } });
}

function count(history: DrawnHistory, moment: CoverageName): number {
  const verdict = judged(history.events());
  expect(verdict.violations).toEqual([]);
  return verdict.coverage.find(({ name }) => name === moment)?.count ?? 0;
}

/** Counts of the moment, in the drawn event and in its near miss. */
function both(moment: CoverageName, draw: (history: DrawnHistory, isReal: boolean) => void): number[] {
  return [true, false].map((isReal) => {
    const history = hopped();
    draw(history, isReal);
    return count(history, moment);
  });
}

function end(customer: DrawnCustomer, intent: ReturnType<DrawnCustomer['intent']>, redemption = 'r1'): void {
  customer.auditWith([{ intent, redemption }]);
}

test('each moment says what to change when it was not met', () => {
  for (const name of COVERAGE_NAMES) expect(COVERAGE[name].length).toBeGreaterThan(20);
});

describe('an answer that was lost after the debit', () => {
  test('is one that the server gave; one whose request was lost before it is not', () => {
    expect(
      both('answer-lost-after-debit', (history, isReal) => {
        const ada = history.customer('ada');
        const coffee = ada.intent('i-1');
        const first = coffee.send();
        if (isReal) first.arrives({ answer: 200, redemption: 'r1' });
        // The hop dropped it: it went to no replica.
        else {
          const { at } = first.invoke;
          history.add({ type: 'arrival', at: at + 1, hop: 'hop-1', attempt: first.invoke.attempt, copy: 0 });
        }
        first.lost();
        coffee.ok('r1', { replayed: isReal });
        end(ada, coffee);
      }),
    ).toEqual([1, 0]);
  });

  test('is none when the client had it after all', () => {
    const history = hopped();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.send().arrives({ answer: 200, redemption: 'r1' }).ok('r1');
    end(ada, coffee);
    expect(count(history, 'answer-lost-after-debit')).toBe(0);
  });
});

describe('two attempts of one key overlapped', () => {
  test('at the server, not only at the client', () => {
    expect(
      both('overlap', (history, isReal) => {
        const ada = history.customer('ada');
        const coffee = ada.intent('i-1');
        const first = coffee.send();
        const second = coffee.send();
        const at = history.tick(20);
        first.arrives({ at, endedAt: at + 10, answer: 200, redemption: 'r1' });
        // Both are in flight at the client until the end.
        second.arrives({ at: at + (isReal ? 5 : 11), endedAt: at + 15, answer: 200, redemption: 'r1' });
        history.tick(30);
        first.ok('r1');
        second.ok('r1', { replayed: true });
        end(ada, coffee);
      }),
    ).toEqual([1, 0]);
  });
});

describe('a retry met another replica', () => {
  test('a copy there is no retry', () => {
    expect(
      both('retry-other-replica', (history, isReal) => {
        const ada = history.customer('ada');
        const coffee = ada.intent('i-1');
        const first = coffee.send().arrives({ answer: 200, redemption: 'r1' });
        if (!isReal) first.arrives({ copy: 1, upstream: 'replica-2', answer: 200, replayed: true });
        first.lost();
        coffee
          .send()
          .arrives({ upstream: isReal ? 'replica-2' : 'replica-1', answer: 200 })
          .ok('r1', { replayed: true });
        end(ada, coffee);
      }),
    ).toEqual([1, 0]);
  });

  test('nor is a second click while the first is open', () => {
    const history = hopped();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const first = coffee.send().arrives({ endedAt: history.now + 50, answer: 200, redemption: 'r1' });
    const second = coffee.send().arrives({ upstream: 'replica-2', answer: 409 });
    second.refused(409, 'redemption_in_progress');
    history.tick(50);
    first.ok('r1');
    end(ada, coffee);
    expect(count(history, 'retry-other-replica')).toBe(0);
  });

  test('nor is what settling sends', () => {
    const history = hopped();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    coffee.send().arrives({ answer: 200, redemption: 'r1' }).lost();
    coffee
      .send({ via: 'settle' })
      .arrives({ upstream: 'replica-2', answer: 200 })
      .ok('r1', { replayed: true });
    end(ada, coffee);
    expect(count(history, 'retry-other-replica')).toBe(0);
  });
});

describe('a crash between debit and reply', () => {
  test.each([
    ['kill', 1],
    ['exit', 1],
    ['crash:after-debit', 1],
    // It goes on where it stood: nothing was cut off there.
    ['pause', 0],
  ] as const)('%s of a server while the request that debited was there: %i', (name, expected) => {
    const history = hopped();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const first = coffee.send();
    const at = history.tick();
    const fault = history.fault('server', name);
    first.arrives({ at, endedAt: history.tick() });
    first.lost();
    history.heal(fault);
    coffee.send().arrives({ answer: 200, redemption: 'r1' }).ok('r1', { replayed: true });
    end(ada, coffee);
    expect(count(history, 'crash-between-debit-and-reply')).toBe(expected);
  });

  test('is none when the request had not reached the server, or had left it', () => {
    for (const isBefore of [true, false]) {
      const history = hopped();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      const first = coffee.send();
      const kill = () => history.heal(history.fault('server', 'kill'));
      if (isBefore) kill();
      const at = history.tick();
      first.arrives({ at, endedAt: at + 1 });
      history.tick(5);
      if (!isBefore) kill();
      first.lost();
      coffee.send().arrives({ answer: 200, redemption: 'r1' }).ok('r1', { replayed: true });
      end(ada, coffee);
      expect(count(history, 'crash-between-debit-and-reply')).toBe(0);
    }
  });

  test('is none when the crash came before the debit: the retry did the work', () => {
    expect(
      both('crash-between-debit-and-reply', (history, isReal) => {
        const ada = history.customer('ada');
        const coffee = ada.intent('i-1');
        const first = coffee.send();
        const at = history.tick();
        const fault = history.fault('server', 'kill');
        first.arrives({ at, endedAt: history.tick() });
        first.lost();
        history.heal(fault);
        coffee.send().arrives({ answer: 200, redemption: 'r1' }).ok('r1', { replayed: isReal });
        end(ada, coffee);
      }),
    ).toEqual([1, 0]);
  });

  test('a server that tells of a crash after the claim has debited nothing', () => {
    expect(
      both('crash-between-debit-and-reply', (history, isReal) => {
        const point = isReal ? 'after-debit' : 'after-claim';
        history.heal(history.fault('server', `crash:${point}`, { point }));
        const ada = history.customer('ada');
        const coffee = ada.intent('i-1');
        coffee.ok('r1');
        end(ada, coffee);
      }),
    ).toEqual([1, 0]);
  });
});

describe('a duplicate that came late', () => {
  test('came after the client had its answer, not before', () => {
    expect(
      both('late-duplicate', (history, isReal) => {
        const ada = history.customer('ada');
        const coffee = ada.intent('i-1');
        const first = coffee.send().arrives({ answer: 200, redemption: 'r1' });
        const copy = () => first.arrives({ copy: 1, answer: 200, replayed: true, redemption: 'r1' });
        if (!isReal) copy();
        first.ok('r1');
        if (isReal) copy();
        end(ada, coffee);
      }),
    ).toEqual([1, 0]);
  });

  test('does not count when it never left the hop, or the client never had an answer', () => {
    const history = hopped();
    const ada = history.customer('ada');
    const coffee = ada.intent('i-1');
    const first = coffee.send().arrives({ answer: 200, redemption: 'r1' }).ok('r1');
    const { attempt } = first.invoke;
    history.add({ type: 'arrival', at: history.tick(), hop: 'hop-1', attempt, key: 'key-i-1', copy: 1 });
    const tea = ada.intent('i-2');
    const lost = tea.send().arrives({ answer: 200, redemption: 'r2' }).lost();
    lost.arrives({ copy: 1, answer: 200, replayed: true, redemption: 'r2' });
    ada.auditWith([
      { intent: coffee, redemption: 'r1' },
      { intent: tea, redemption: 'r2' },
    ]);
    expect(count(history, 'late-duplicate')).toBe(0);
  });
});

describe('a resend that the client never saw', () => {
  test('is a second request for one attempt; a copy that the hop made is none', () => {
    expect(
      both('hidden-resend', (history, isReal) => {
        const ada = history.customer('ada');
        const coffee = ada.intent('i-1');
        coffee
          .send()
          .arrives({ answer: 200, redemption: 'r1' })
          .arrives({ copy: isReal ? 0 : 1, answer: 200, replayed: true, redemption: 'r1' })
          .ok('r1');
        end(ada, coffee);
      }),
    ).toEqual([1, 0]);
  });
});

describe('a request met a fault', () => {
  const table: readonly (readonly [CoverageName, FaultKind, string, string])[] = [
    ['server-down-in-flight', 'server', 'kill', ''],
    ['server-down-in-flight', 'server', 'pause', ''],
    ['store-down-in-flight', 'store', 'kill', 'slow'],
    ['store-down-in-flight', 'store', 'loading', 'out-of-memory'],
    ['store-down-in-flight', 'store-path', 'down', 'latency'],
    ['store-down-in-flight', 'store-path', 'timeout', 'bandwidth'],
    ['restart-in-flight', 'server', 'rolling-restart', 'kill'],
    ['skewed-clock', 'clock', 'skew', 'clock-jump'],
  ];

  test.each(table)('%s: %s %s while it was at the server', (moment, kind, name, nearMiss) => {
    const draw = (fault: string, isAtServer: boolean): number => {
      const history = hopped();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      const first = coffee.send();
      if (!isAtServer) history.heal(history.fault(kind, fault));
      const at = history.tick();
      if (isAtServer) history.heal(history.fault(kind, fault));
      first.arrives({ at, endedAt: history.tick(), answer: 200, redemption: 'r1' }).ok('r1');
      end(ada, coffee);
      return count(history, moment);
    };
    expect(draw(name, true)).toBe(1);
    // The client was waiting all the same, but the request was not there yet.
    expect(draw(name, false)).toBe(0);
    if (nearMiss !== '') expect(draw(nearMiss, true)).toBe(0);
  });

  test('without a hop the time between request and answer counts, and what was never answered does not last', () => {
    const draw = (isAnswered: boolean): number => {
      const history = drawHistory();
      const ada = history.customer('ada');
      const coffee = ada.intent('i-1');
      const first = coffee.send();
      history.heal(history.fault('server', 'kill'));
      if (isAnswered) first.ok('r1');
      end(ada, coffee);
      return count(history, 'server-down-in-flight');
    };
    expect([draw(true), draw(false)]).toEqual([1, 0]);
  });
});
