/** Answers that are held whole have a limit each, and one for all of them together. */

import { expect, test } from 'vitest';
import { sendWhole, whileHeld, type WholeCall } from '../../harness/proxy/http/outcome.ts';
import type { AnswerSink, AnswerStart, Upstream } from '../../harness/proxy/http/upstream.ts';

const MIB = 1024 * 1024;
/** One piece that is counted many times: the limits are about counts, and the memory of the test stays small. */
const PIECE = Buffer.alloc(MIB);
const START = {} as AnswerStart;

function begun(): { readonly call: WholeCall; readonly sink: AnswerSink } {
  const sinks: AnswerSink[] = [];
  // Only what a held call uses of it.
  const upstream = {
    send: (_bytes: Buffer, _method: string, sink: AnswerSink) => {
      sinks.push(sink);
      return { abort: (reason: string) => sink.failed(reason, 502, 'aborted' as never) };
    },
  } as unknown as Upstream;
  const call = sendWhole(upstream, Buffer.from('x'), 'POST', () => undefined);
  const [sink] = sinks;
  if (sink === undefined) throw new Error('nothing was sent');
  sink.start(START, Buffer.alloc(0), false);
  return { call, sink };
}

function feed({ sink }: { readonly sink: AnswerSink }, pieces: number): void {
  for (let piece = 0; piece < pieces; piece++) sink.more(PIECE, false);
}

test('one answer beyond its limit is given up, and one within it is not', async () => {
  const large = begun();
  feed(large, 65);
  expect(await large.call.outcome).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/larger than 67108864 bytes/) as unknown,
  });
  const small = begun();
  feed(small, 63);
  small.sink.more(PIECE, true);
  expect(await small.call.outcome).toMatchObject({ kind: 'answer' });
});

test('many answers at once are given up from their common limit on, and not for what was held before', async () => {
  const calls = [begun(), begun(), begun()] as const;
  for (const call of calls.slice(0, 2)) feed(call, 60);
  feed(calls[2], 9);
  expect(await calls[2].call.outcome).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/all answers that are held/) as unknown,
  });
  for (const { sink } of calls.slice(0, 2)) sink.more(PIECE, true);
  const later = begun();
  feed(later, 60);
  later.sink.more(PIECE, true);
  expect(await later.call.outcome).toMatchObject({ kind: 'answer' });
});

test('an answer that waits for its client counts until the client has it', async () => {
  let deliver = (): void => {};
  const body = Array.from({ length: 100 }, () => PIECE);
  const delivered = whileHeld(body, () => new Promise<void>((done) => (deliver = done)));
  const call = begun();
  feed(call, 30);
  expect(await call.call.outcome).toMatchObject({ kind: 'failed' });
  deliver();
  await delivered;
  const later = begun();
  feed(later, 30);
  later.sink.more(PIECE, true);
  expect(await later.call.outcome).toMatchObject({ kind: 'answer' });
});
