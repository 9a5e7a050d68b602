/** What a command would show goes nowhere: a program is told by values. */

import { Writable } from 'node:stream';

/** A stream that takes everything. */
export function silence(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** A signal that never comes. */
export function noSignal(): AbortSignal {
  return new AbortController().signal;
}
