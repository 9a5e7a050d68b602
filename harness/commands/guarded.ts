/** A terminal that shows no secret, and on stderr no control character of anybody else's text. */

import { withoutSecrets } from '../base/secrets.ts';
import { visible } from '../report/format.ts';
import type { Terminal } from './terminal.ts';

/** The same terminal; what it is given is cleaned first. */
export function guarded(terminal: Terminal): Terminal {
  return {
    ...terminal,
    print: (text) => terminal.print(withoutSecrets(text)),
    // Made visible last: a secret with a line end in it would not be found after.
    complain: (text) => terminal.complain(withoutSecrets(text).split('\n').map(visible).join('\n')),
    progress: cleaned(terminal.progress),
  };
}

/** Progress moves the cursor, so that control characters of others are made visible where they are put in. */
function cleaned(stream: Terminal['progress']): Terminal['progress'] {
  const write = (text: string | Uint8Array): boolean =>
    stream.write(typeof text === 'string' ? withoutSecrets(text) : text);
  return Object.create(stream, { write: { value: write } }) as Terminal['progress'];
}
