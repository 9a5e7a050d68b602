/**
 * A worker of a selftest, a program of its own: takes one cell after the other from the process that started it, and ends
 * when that one does. Ctrl-C reaches it, too: it is left to its parent, who says when to break off.
 */

import { messageOf } from '../base/errors.ts';
import type { Cell, CellResult } from '../model/detection.ts';
import { performCell } from './selftest-cell.ts';

/** What it is sent. */
export type ToWorker =
  | { readonly kind: 'cell'; readonly cell: Cell; readonly rules: readonly string[]; readonly out: string }
  | { readonly kind: 'break-off' };

/** What it sends back, one for each cell. */
export type FromWorker =
  | { readonly kind: 'result'; readonly result: CellResult }
  | { readonly kind: 'failed'; readonly why: string };

const controller = new AbortController();
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', () => controller.abort());
process.on('disconnect', () => {
  controller.abort();
  endWhenIdle();
});
let isBusy = false;
process.on('message', (message: ToWorker) => {
  if (message.kind === 'break-off') controller.abort();
  else void work(message);
});

async function work({ cell, rules, out }: Extract<ToWorker, { kind: 'cell' }>): Promise<void> {
  isBusy = true;
  const answer: FromWorker = await performCell(cell, { rules, out, signal: controller.signal }).then(
    (result) => ({ kind: 'result', result }),
    (error: unknown) => ({ kind: 'failed', why: messageOf(error) }),
  );
  isBusy = false;
  if (process.connected) process.send?.(answer);
  else endWhenIdle();
}

/** What a run left open (a timer, a connection that is kept) is no reason to stay. */
function endWhenIdle(): void {
  if (!isBusy) process.exit();
}
