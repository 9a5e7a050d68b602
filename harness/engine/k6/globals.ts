/** What a script has as globals beside the language: the names of k6, and none of Node's. */
import { randomUUID, webcrypto } from 'node:crypto';

import type { ScriptGlobals } from '../script-bundle.ts';
import { createConsole } from './console.ts';
import { openFile } from './data.ts';
import { subtleModule } from './subtle.ts';
import type { VuContext } from './vu-context.ts';

/** `load` gives a module of k6 by its name. They also stand on the realm's global object, where that is the VU's own. */
export function scriptGlobals(vu: VuContext, load: (name: string) => unknown): ScriptGlobals {
  const { realm, run, timers } = vu;
  const shown = realm.module({
    require: load,
    console: realm.module(createConsole(vu)),
    open: (path: unknown, mode: unknown) => openFile(vu, path, mode),
    crypto: realm.module(cryptoOf(vu)),
    setTimeout: timers.setTimeout,
    clearTimeout: timers.clear,
    setInterval: timers.setInterval,
    clearInterval: timers.clear,
    TextDecoder: Decoder,
    TextEncoder: Encoder,
    ...(run.bundle.usesRandomSeed ? { Math: realm.math(() => (vu.random ?? Math.random)()) } : {}),
  }) as ScriptGlobals;
  if (!run.sharesRealm || vu.id === 0) {
    for (const [name, value] of Object.entries(shown)) hidden(realm.global, name, { value, writable: true });
    hidden(realm.global, '__VU', { get: () => vu.id });
    hidden(realm.global, '__ITER', { get: () => vu.iteration });
    hidden(realm.global, '__ENV', { get: () => vu.env });
  }
  return shown;
}

function hidden(global: object, name: string, descriptor: PropertyDescriptor): void {
  Object.defineProperty(global, name, { ...descriptor, configurable: true, enumerable: false });
}

function cryptoOf(vu: VuContext): object {
  return {
    randomUUID: () => randomUUID(),
    getRandomValues: (array: unknown) => {
      if (!ArrayBuffer.isView(array) || array instanceof DataView)
        throw new Error("TypeMismatchError: typedArray parameter isn't a TypedArray instance");
      webcrypto.getRandomValues(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return array;
    },
    subtle: vu.realm.module(subtleModule(vu)),
  };
}

/** Node's own, so that nothing of it is reached through them. */
class Encoder {
  readonly #encoder = new TextEncoder();

  get encoding(): string {
    return 'utf-8';
  }

  encode(text: unknown = ''): Uint8Array {
    return this.#encoder.encode(String(text));
  }
}

class Decoder {
  readonly #decoder: InstanceType<typeof TextDecoder>;

  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean }) {
    this.#decoder = new TextDecoder(label, {
      fatal: options?.fatal === true,
      ignoreBOM: options?.ignoreBOM === true,
    });
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }

  decode(bytes?: ArrayBuffer | Uint8Array, options?: { readonly stream?: boolean }): string {
    return this.#decoder.decode(bytes, { stream: options?.stream === true });
  }
}
