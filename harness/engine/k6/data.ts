/** `k6/data` and `open`: what a script reads once. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { VuContext } from './vu-context.ts';

/** `open(path)` as text, `open(path, 'b')` as an ArrayBuffer, relative to the script's folder; init context only, as in k6. */
export function openFile(vu: VuContext, path: unknown, mode: unknown): string | ArrayBuffer {
  if (vu.phase !== 'init') throw new Error('open() can only be called in the init context');
  if (typeof path !== 'string' || path === '')
    throw new TypeError("open() can't be used with an empty filename");
  const bytes = readFileSync(resolve(vu.run.bundle.folder, path.replace(/^file:\/\//, '')));
  if (mode === 'b') return new Uint8Array(bytes).buffer;
  return bytes.toString('utf8');
}

export function dataModule(vu: VuContext): object {
  function SharedArray(name: unknown, make: unknown): readonly unknown[] {
    if (vu.phase !== 'init') throw new Error('new SharedArray must be called in the init context');
    if (typeof name !== 'string' || name === '') throw new TypeError('empty name provided to SharedArray');
    const known = vu.run.sharedArrays.get(name);
    if (known !== undefined) return known;
    const made = sharedArray(make);
    vu.run.sharedArrays.set(name, made);
    return made;
  }
  return { SharedArray };
}

function sharedArray(make: unknown): readonly unknown[] {
  if (typeof make !== 'function')
    throw new TypeError('a function is expected as the second argument of SharedArray');
  const made: unknown = (make as () => unknown)();
  if (!Array.isArray(made)) throw new TypeError('only arrays can be made into SharedArray');
  return frozen(JSON.parse(JSON.stringify(made)) as unknown[]);
}

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) frozen(inner as object);
  }
  return Object.freeze(value);
}
