/** `crypto.subtle`: Node's own Web Cryptography, as objects of the script's realm. */
import { webcrypto } from 'node:crypto';
import { types } from 'node:util';

import type { VuContext } from './vu-context.ts';

const METHODS = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'verify',
] as const;

type Method = (...values: readonly unknown[]) => Promise<unknown>;

export function subtleModule(vu: VuContext): object {
  const subtle = webcrypto.subtle as unknown as Readonly<Record<string, Method>>;
  const method =
    (name: string) =>
    (...given: readonly unknown[]): Promise<unknown> =>
      vu.realm.promise((resolve, reject) => {
        // An iteration waits for it, as for a request.
        vu.enter();
        const ended = (settle: (value: never) => void) => (value: unknown) => {
          if (vu.isKilled) return;
          vu.leave();
          settle(value as never);
        };
        started(
          subtle,
          name,
          given.map((one) => native(vu, one)),
        ).then(ended(resolve), ended(reject));
      });
  return Object.fromEntries(METHODS.map((name) => [name, method(name)]));
}

async function started(
  subtle: Readonly<Record<string, Method>>,
  name: string,
  given: readonly unknown[],
): Promise<unknown> {
  return await subtle[name]?.(...given);
}

/** Keys and bytes as Node has them, also inside an algorithm: it takes no bytes of another realm. */
function native(vu: VuContext, value: unknown): unknown {
  const behind = vu.realm.behind(value);
  if (behind !== undefined) return behind;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (types.isArrayBuffer(value)) return Uint8Array.from(new Uint8Array(value));
  if (ArrayBuffer.isView(value))
    return Uint8Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, native(vu, one)]));
}
