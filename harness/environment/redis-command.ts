/** One command to a Redis of our own, without a client's habits: no retry, no ready check. */

import { connect } from 'node:net';
import { harnessError } from '../base/errors.ts';

/** A Redis that is alive answers an administrative command within this time. ms. */
const REPLY_LIMIT_MS = 5000;

/** The answer's text as soon as it holds a whole line (and `wanted`); undefined when none comes within `limitMs`. */
export function inlineCommand(
  port: number,
  command: string,
  { wanted = '', limitMs = 500 }: { readonly wanted?: string; readonly limitMs?: number } = {},
): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    const finish = (answer: string | undefined): void => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(limitMs, () => finish(undefined));
    socket.once('error', () => finish(undefined));
    socket.once('close', () => done(undefined));
    socket.once('connect', () => socket.write(`${command}\r\n`));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\n') && text.includes(wanted)) finish(text);
    });
  });
}

/** Whether it answers as one that is ready: while its file is read the answer is -LOADING. */
export async function answersPing(port: number): Promise<boolean> {
  return (await inlineCommand(port, 'PING'))?.startsWith('+PONG') ?? false;
}

/** A command that must succeed. Throws with Redis's own words when it does not. */
export async function mustDo(port: number, command: string): Promise<void> {
  const answer = await inlineCommand(port, command, { limitMs: REPLY_LIMIT_MS });
  if (answer?.startsWith('+') === true) return;
  throw harnessError('redis_command_failed', `redis did not do ${command}`, {
    expected: '+OK',
    found: answer?.trim() ?? `no answer within ${REPLY_LIMIT_MS} ms`,
  });
}

/** Members of one section of INFO. */
export async function infoOf(port: number, section: string): Promise<ReadonlyMap<string, string>> {
  // Its length comes first, so the whole answer is known to be there.
  const text =
    (await inlineCommand(port, `INFO ${section}`, { wanted: '\r\n\r\n', limitMs: REPLY_LIMIT_MS })) ?? '';
  const lines = text.split('\r\n').map((line) => line.split(':', 2));
  return new Map(
    lines.flatMap(([name = '', value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
