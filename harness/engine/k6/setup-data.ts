/** What setup returns, on its way to the VUs. */
import { messageOf, usageError } from '../../base/errors.ts';

/** As JSON, as k6 hands it on. Throws a usage HarnessError for what JSON cannot hold. */
export function setupJson(data: unknown): string {
  try {
    return JSON.stringify(data, goValue);
  } catch (error) {
    throw usageError('setup-data', 'what setup() returns cannot be handed on', {
      field: 'setup()',
      expected: 'what JSON can hold',
      found: messageOf(error),
    });
  }
}

/** k6 hands setup's data through Go, where what is undefined becomes null, and what JSON lacks ends the run. */
function goValue(_name: string, value: unknown): unknown {
  if (typeof value === 'function' || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new TypeError(typeof value === 'function' ? 'a function' : String(value));
  }
  return value === undefined ? null : value;
}
