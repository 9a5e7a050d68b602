/** `import 'onceproof/jest'` gives the `expect` that Jest puts into every test file the matcher `toDebitOnce`. */

import { usageError } from '../base/errors.ts';
import { toDebitOnce, type DebitOnceOptions } from './matcher.ts';

interface Expect {
  readonly extend?: (matchers: Readonly<Record<string, unknown>>) => void;
}

const found = (globalThis as { readonly expect?: Expect }).expect;
if (typeof found?.extend !== 'function')
  throw usageError('jest', 'there is no global expect to extend', {
    expected: "Jest's injectGlobals, or expect.extend({ toDebitOnce }) with what onceproof/matcher exports",
  });
found.extend({ toDebitOnce });

export { toDebitOnce };
export type { DebitOnceOptions };
