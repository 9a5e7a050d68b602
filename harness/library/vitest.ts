/** `import 'onceproof/vitest'` gives vitest's `expect` the matcher `toDebitOnce`. */

import { expect } from 'vitest';
import { toDebitOnce, type DebitOnceOptions } from './matcher.ts';

declare module 'vitest' {
  // Declared with the parameter that vitest's own has.
  // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-unused-vars
  interface Matchers<T = any> {
    /** Runs scenarios against the endpoint that was given, and passes where each intent was debited once. */
    toDebitOnce: (options?: DebitOnceOptions) => Promise<void>;
  }
}

expect.extend({ toDebitOnce });

export { toDebitOnce };
export type { DebitOnceOptions };
