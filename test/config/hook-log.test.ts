import { expect, test } from 'vitest';
import { HookLog } from '../../harness/config/hook-log.ts';
import type { BridgeEvent } from '../../harness/config/hook-calls.ts';

function called(log: HookLog, hook: BridgeEvent['hook'], error?: string): void {
  log.take({ hook, customer: 'ada', at: 1, until: 2, ...(error !== undefined && { error }) });
}

test('where no customer was ever made, it ends in the hook’s first words', () => {
  const log = new HookLog();
  called(log, 'provision', 'hook provision: no such table');
  called(log, 'provision', 'hook provision: later words');
  expect(() => log.assertProvisioned()).toThrow('hook provision: no such table (each of 2 calls)');
});

test('one customer that was made is enough; what failed is told with its count', () => {
  const log = new HookLog();
  called(log, 'provision', 'hook provision: busy');
  called(log, 'provision');
  called(log, 'ledger');
  expect(() => log.assertProvisioned()).not.toThrow();
  expect(log.lines()).toEqual(['hook provision: busy (1 of 2 calls)']);
});

test('a ledger that never worked does not end a run, since answers were judged', () => {
  const log = new HookLog();
  called(log, 'ledger', 'hook ledger: refused');
  expect(() => log.assertProvisioned()).not.toThrow();
  expect(log.lines()).toEqual(['hook ledger: refused (1 of 1 calls)']);
});

test('what came before the run is not told again, and saves nothing', () => {
  const log = new HookLog();
  called(log, 'provision');
  called(log, 'credit', 'hook credit: refused');
  log.begin();
  called(log, 'provision', 'hook provision: refused');
  expect(() => log.assertProvisioned()).toThrow('refused');
  expect(log.lines()).toEqual(['hook provision: refused (1 of 1 calls)']);
});
