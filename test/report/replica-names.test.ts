import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { uuidFrom } from '../../harness/model/decide.ts';
import { collectEvidence } from '../../harness/report/evidence.ts';
import type { Violation } from '../../harness/model/verdict.ts';
import { arrival, complete, fault, historyOf, invoke, unanswered } from './samples.ts';

const violation: Violation = {
  rule: 'stuck',
  summary: '',
  intent: 'b',
  attempts: [],
  expected: '',
  found: '',
};

async function upstreamsOf(events: readonly HistoryEvent[]): Promise<(string | undefined)[]> {
  const { dossiers } = await collectEvidence(historyOf(events), { violations: [violation] });
  return dossiers.find((dossier) => dossier.id === 'i:b')?.arrivals.map((one) => one.upstream) ?? [];
}

const crash = (key: string) =>
  fault('c', 'start', 5, { name: 'crash:after-debit', kind: 'server', target: 'replica-2', detail: { key } });

const other = [
  invoke('b.1', 20),
  arrival('b.1', 21, 25, { upstream: '127.0.0.1:4002', answer: 200 }),
  arrival('b.1', 21, 26, { upstream: '127.0.0.1:4001', copy: 1, answer: 200 }),
  complete('b.1', 27),
];

test('a crash armed for a key names the upstream that had that key and gave no answer, and so the last other one', async () => {
  const events = [
    invoke('a.1', 0),
    crash(uuidFrom('key', 'a')),
    arrival('a.1', 1, 7, { upstream: '127.0.0.1:4002' }),
    unanswered('a.1', 8, 'reset'),
    ...other,
  ];
  expect(await upstreamsOf(events)).toEqual(['replica-2', 'replica-1']);
});

test('an upstream that answered, or had another key, gets no name from a crash', async () => {
  const answered = [
    crash(uuidFrom('key', 'a')),
    arrival('a.1', 1, 7, { upstream: '127.0.0.1:4002', answer: 200 }),
  ];
  const elsewhere = [crash('another'), arrival('a.1', 1, 7, { upstream: '127.0.0.1:4002' })];
  for (const events of [answered, elsewhere])
    expect(await upstreamsOf([...events, ...other])).toEqual(['127.0.0.1:4002', '127.0.0.1:4001']);
});
