/** `k6/data` and `open`: what a script reads once. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Realm } from './realm.ts';
import type { SharedItems } from './run-state.ts';
import type { VuContext } from './vu-context.ts';

/** `open(path)` as text, `open(path, 'b')` as an ArrayBuffer, relative to the folder of the module that is evaluated; init context only, as in k6. */
export function openFile(vu: VuContext, path: unknown, mode: unknown): string | ArrayBuffer {
  if (vu.phase !== 'init') throw new Error('open() can only be called in the init context');
  if (typeof path !== 'string' || path === '')
    throw new TypeError("open() can't be used with an empty filename");
  const bytes = readFileSync(resolve(vu.run.bundle.openFolder(), path.replace(/^file:\/\//, '')));
  if (mode === 'b') return new Uint8Array(bytes).buffer;
  return bytes.toString('utf8');
}

export function dataModule(vu: VuContext): object {
  function SharedArray(name: unknown, make: unknown): object {
    if (vu.phase !== 'init') throw new Error('new SharedArray must be called in the init context');
    if (typeof name !== 'string' || name === '') throw new TypeError('empty name provided to SharedArray');
    const known = vu.run.sharedArrays.get(name);
    const items = known ?? itemsOf(make);
    if (known === undefined) vu.run.sharedArrays.set(name, items);
    return sharedArray(vu.realm, items);
  }
  return { SharedArray };
}

function itemsOf(make: unknown): string[] {
  if (typeof make !== 'function')
    throw new TypeError('a function is expected as the second argument of SharedArray');
  const made: unknown = (make as () => unknown)();
  if (!Array.isArray(made)) throw new TypeError('only arrays can be made into SharedArray');
  return (made as unknown[]).map((item) => JSON.stringify(item) ?? 'null');
}

/** An array of the realm that holds nothing: each look at an item reads it anew, as in k6, so that VUs share one copy. */
function sharedArray(realm: Realm, items: SharedItems): object {
  const itemAt = (name: string | symbol): string | undefined =>
    typeof name === 'string' && /^\d+$/.test(name) ? items.at(Number(name)) : undefined;
  const refuse = (): never => {
    throw new TypeError('SharedArray is immutable');
  };
  const target = realm.array();
  return realm.proxy(
    {
      get: (_, name, receiver) => {
        const item = itemAt(name);
        if (item !== undefined) return realm.frozen(item);
        return name === 'length' ? items.length : (Reflect.get(target, name, receiver) as unknown);
      },
      has: (_, name) => itemAt(name) !== undefined || Reflect.has(target, name),
      set: refuse,
      deleteProperty: refuse,
      defineProperty: refuse,
      setPrototypeOf: refuse,
      ownKeys: () => [...Array.from({ length: items.length }, (_, index) => String(index)), 'length'],
      getOwnPropertyDescriptor: (_, name) => {
        const item = itemAt(name);
        if (item !== undefined)
          return { value: realm.frozen(item), enumerable: true, configurable: true, writable: false };
        return name === 'length'
          ? { value: items.length, enumerable: false, configurable: false, writable: true }
          : undefined;
      },
    },
    target,
  );
}
