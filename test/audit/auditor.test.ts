import { describe, expect, test } from 'vitest';
import { Auditor, type AuditOptions } from '../../harness/audit/auditor.ts';
import { PROFILES } from '../../harness/model/contract.ts';
import { CustomerGone } from '../../harness/audit/read-back.ts';
import type { CompleteEvent, HistoryEvent, InvokeEvent } from '../../harness/history/events.ts';

type Answer = Awaited<ReturnType<AuditOptions['endpoint']['redeem']>>;

const OK: Answer = { status: 200, redemption: 'red_1', by: 'server' };
const IN_PROGRESS: Answer = { status: 409, code: 'redemption_in_progress', by: 'server' };
const NOTHING: Answer = { by: 'server', error: 'ECONNRESET' };

interface Setting {
  readonly answers?: readonly Answer[];
  readonly live?: boolean;
  /** How many reads fail before one succeeds. */
  readonly unreadable?: number;
  /** From which reading on the customer is not known any more. */
  readonly goneFrom?: number;
  readonly pending?: () => number;
}

/** An auditor on a clock that only moves when somebody waits; the last answer is given for ever. */
function auditorOn({
  answers = [OK],
  live = false,
  unreadable = 0,
  goneFrom = Infinity,
  pending = () => 0,
}: Setting) {
  const clock = { now: 1000 };
  const written: HistoryEvent[] = [];
  const sent: string[] = [];
  let reads = 0;
  const auditor = new Auditor({
    contract: PROFILES.seed,
    endpoint: {
      redeem: async (_, key) => {
        sent.push(key);
        return answers[Math.min(sent.length, answers.length) - 1] ?? NOTHING;
      },
      read: async (customer, now) => {
        reads += 1;
        if (reads <= unreadable) throw new Error('nobody there');
        if (reads >= goneFrom) {
          const nothing = { type: 'observe', at: now(), until: now(), customer, via: 'audit' } as const;
          throw new CustomerGone(customer, [{ ...nothing, what: 'ledger', value: [] }]);
        }
        return [
          { type: 'observe', at: now(), until: now(), customer, via: 'audit', what: 'balance', value: 0 },
        ];
      },
    },
    emit: (event) => written.push(event),
    settleMs: 5000,
    live,
    pendingFor: pending,
    now: () => clock.now,
    sleep: async (ms) => void (clock.now += ms),
  });
  return { auditor, written, sent, clock, types: () => written.map(({ type }) => type) };
}

function invoke(members: Partial<InvokeEvent> = {}): InvokeEvent {
  return {
    type: 'invoke',
    at: 1,
    attempt: 'i-1.1',
    intent: 'i-1',
    key: 'k1',
    customer: 'c1',
    reward: 'r',
    points: 5,
    payloadHash: 'h',
    via: 'script',
    ...members,
  };
}

function complete(members: Partial<CompleteEvent>): CompleteEvent {
  return { type: 'complete', at: 2, attempt: 'i-1.1', outcome: 'info', by: 'server', ...members };
}

describe('a customer that the endpoint does not know any more', () => {
  test('is audited as gone once two readings in a row say so, with nothing left', async () => {
    const { auditor, written, clock } = auditorOn({ goneFrom: 1 });
    auditor.push(invoke());
    auditor.push(complete({ outcome: 'ok', status: 200 }));
    const summary = await auditor.finish();
    expect(written).toEqual([
      {
        type: 'observe',
        at: clock.now,
        until: clock.now,
        customer: 'c1',
        via: 'audit',
        what: 'ledger',
        value: [],
      },
      { type: 'audited', at: clock.now, customer: 'c1', gone: true },
    ]);
    expect(clock.now).toBe(1025);
    expect(summary.unread).toEqual([]);
  });

  test('may have been forgotten when nobody has used it for a minute: then it is unread', async () => {
    const { auditor, written, clock } = auditorOn({ goneFrom: 1 });
    auditor.push(invoke());
    auditor.push(complete({ outcome: 'ok', status: 200 }));
    clock.now += 60_000;
    const summary = await auditor.finish();
    expect(written).toEqual([]);
    expect(summary.unread).toEqual([{ customer: 'c1', why: 'the endpoint does not know c1' }]);
  });
});

describe('settling', () => {
  test('an intent without an answer is sent again with its own key and the next number, until it is decided', async () => {
    const { auditor, written, sent } = auditorOn({ answers: [NOTHING, IN_PROGRESS, OK] });
    auditor.push(invoke());
    const summary = await auditor.finish();
    expect(sent).toEqual(['k1', 'k1', 'k1']);
    const attempts = written
      .filter((event) => event.type === 'invoke')
      .map(({ attempt, via }) => [attempt, via]);
    expect(attempts).toEqual([
      ['i-1.2', 'settle'],
      ['i-1.3', 'settle'],
      ['i-1.4', 'settle'],
    ]);
    expect(summary).toMatchObject({ customers: 1, settleAttempts: 3, undecided: 0, unread: [] });
  });

  test.each([
    ['answered 200', { outcome: 'ok', status: 200 }, 0],
    ['refused for good', { outcome: 'fail', status: 422, code: 'insufficient_points' }, 0],
    ['told that it is in progress', { outcome: 'fail', status: 409, code: 'redemption_in_progress' }, 1],
    ['told nothing', { outcome: 'info' }, 1],
    ['told by a proxy that something failed', { outcome: 'info', status: 502, by: 'proxy' }, 1],
  ] as const)('an intent that was %s is sent %s more times', async (_, members, count) => {
    const { auditor, sent } = auditorOn({});
    auditor.push(invoke());
    auditor.push(complete(members));
    await auditor.finish();
    expect(sent).toHaveLength(count);
  });

  test('one 200 among lost answers decides the intent', async () => {
    const { auditor, sent } = auditorOn({});
    auditor.push(invoke());
    auditor.push(invoke({ attempt: 'i-1.2' }));
    auditor.push(complete({ attempt: 'i-1.2', outcome: 'ok', status: 200 }));
    await auditor.finish();
    expect(sent).toEqual([]);
  });

  test.each([
    ['without a key', { key: undefined }],
    ['with a malformed key', { key: 'one two' }],
    ['with two keys at once', { key: ['a', 'b'] }],
    ["with another customer's credentials", { actor: 'c2' }],
  ])('what was sent %s is never repeated: that would ask for something else', async (_, members) => {
    const { auditor, sent } = auditorOn({});
    const { key, ...rest } = invoke();
    const event = { ...rest, ...('key' in members ? {} : { key }), ...members } as InvokeEvent;
    auditor.push(event);
    await auditor.finish();
    expect(sent).toEqual([]);
  });

  test('an intent that is never decided is given up when the bound is over, and the customer still read back', async () => {
    const { auditor, clock, types } = auditorOn({ answers: [IN_PROGRESS] });
    auditor.push(invoke());
    const summary = await auditor.finish();
    expect(summary.undecided).toBe(1);
    expect(clock.now).toBeGreaterThanOrEqual(1000 + 5000);
    expect(clock.now).toBeLessThan(1000 + 5000 + 2000);
    expect(types().slice(-2)).toEqual(['observe', 'audited']);
  });
});

describe('reading back', () => {
  test('a customer that cannot be read is named, and never written as audited', async () => {
    const { auditor, types } = auditorOn({ unreadable: Infinity });
    auditor.push(invoke());
    auditor.push(complete({ outcome: 'ok', status: 200 }));
    expect(await auditor.finish()).toMatchObject({ unread: [{ customer: 'c1', why: 'nobody there' }] });
    expect(types()).not.toContain('audited');
  });

  test('a read that fails while something is down is tried again', async () => {
    const { auditor, types } = auditorOn({ unreadable: 3 });
    auditor.push(invoke());
    auditor.push(complete({ outcome: 'ok', status: 200 }));
    expect(await auditor.finish()).toMatchObject({ unread: [] });
    expect(types()).toEqual(['observe', 'audited']);
  });

  test('it waits for the copies that a proxy still holds: one could act after the reading', async () => {
    let pending = 3;
    const { auditor, written } = auditorOn({ pending: () => Math.max(0, pending--) });
    auditor.push(invoke());
    auditor.push(complete({ outcome: 'ok', status: 200 }));
    await auditor.finish();
    expect(pending).toBeLessThanOrEqual(0);
    const first = written.find((event) => event.type === 'observe');
    expect(first?.at).toBeGreaterThan(1000);
  });

  test('customers made for the run are closed as their iterations end; listed ones only at the end', async () => {
    for (const live of [true, false]) {
      const { auditor } = auditorOn({ live });
      auditor.push(invoke());
      auditor.push(complete({ outcome: 'ok', status: 200 }));
      auditor.push({ type: 'retire', at: 3, customer: 'c1' });
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      expect(auditor.open).toBe(live ? 0 : 1);
      expect(await auditor.finish()).toMatchObject({ customers: 1 });
    }
  });

  test('a customer whose iteration was cut off is closed, too', async () => {
    const { auditor, types } = auditorOn({ live: true });
    auditor.push({
      type: 'observe',
      at: 1,
      until: 1,
      customer: 'c9',
      via: 'script',
      what: 'balance',
      value: 5,
    });
    expect(await auditor.finish()).toMatchObject({ customers: 1 });
    expect(types()).toEqual(['observe', 'audited']);
  });
});

describe('what settling sends of a request that may be refused', () => {
  test.each([
    ['a payload that is odd in itself', { way: 'payload: a reward in capitals', mayRefuse: true }, true],
    [
      'an odd writing of a payload',
      { way: 'payload: half a point', mayRefuse: true, bodyHash: 'b' },
      undefined,
    ],
    ['an odd envelope', { way: 'envelope: a query', mayRefuse: true }, undefined],
  ] as const)('%s', async (_, members, mayRefuse) => {
    const { auditor, written } = auditorOn({});
    auditor.push(invoke(members));
    auditor.push(complete({ outcome: 'info' }));
    await auditor.finish();
    const sent = written.find(({ type }) => type === 'invoke') as InvokeEvent;
    expect([sent.via, sent.mayRefuse]).toEqual(['settle', mayRefuse]);
  });
});
