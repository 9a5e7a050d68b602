/** A realm: the globals and prototypes that a script has for itself, and the way on which the engine's values come into it. */
import { types } from 'node:util';
import { createContext, Script, type Context } from 'node:vm';

import { FIXED_NAMES, GLOBAL_NAMES, PRELUDE } from './realm-prelude.ts';

type Work = (...values: never[]) => unknown;
type Constructor = new (...values: never[]) => object;

/** What the realm's own code makes for the engine. */
interface Makers {
  readonly shown: (value: unknown) => unknown;
  readonly GoError: new (message: string) => Error;
  readonly TypeError: new (message: string) => Error;
  readonly RangeError: new (message: string) => Error;
  readonly object: () => Record<string, unknown>;
  readonly array: () => unknown[];
  readonly bytes: (length: number) => Uint8Array;
  readonly promise: <T>(
    work: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
  ) => Promise<T>;
  readonly proxy: (target: object, traps: ProxyHandler<object>) => object;
  readonly math: (random: unknown) => unknown;
  readonly parse: (text: string) => unknown;
  readonly frozen: (text: string) => unknown;
  readonly define: (target: object, name: string, value: unknown, isEnumerable: boolean) => void;
  readonly getter: (target: object, name: string, read: () => unknown) => void;
  readonly function: (work: Work) => Work;
  readonly behind: (object: object) => unknown;
  readonly kind: (
    methods: readonly (readonly [string, Work])[],
    getters: readonly (readonly [string, Work])[],
    fields: readonly string[],
    isFixed: boolean,
    ignored: readonly string[],
  ) => (behind: object) => object;
}

/** A class may name the fields of its own that a script sees; all others are the engine's. Its methods and getters are seen. */
export interface Shown {
  readonly fields: readonly string[];
  /** What a getter gives cannot be replaced by the script. */
  readonly isFixed?: boolean;
  /** But for these: what the script sets there is taken, and changes nothing. */
  readonly ignored?: readonly string[];
}

const PRELUDE_SCRIPT = new Script(PRELUDE, { filename: 'realm' });

export class Realm {
  private readonly context: Context;
  private readonly make: Makers;
  private readonly kinds = new Map<object, (behind: object) => object>();
  private readonly functions = new WeakMap<Work, Work>();
  /** The realm's global object. */
  readonly global: Record<string, unknown>;

  constructor() {
    // Without a prototype: that of an object of ours would lead to our own globals.
    this.context = createContext(Object.create(null) as Context);
    const prelude = PRELUDE_SCRIPT.runInContext(this.context) as (engine: object, kept: unknown) => Makers;
    const engine = { out: (value: unknown) => this.out(value), fail: (error: unknown) => this.error(error) };
    this.make = prelude(engine, [...GLOBAL_NAMES, ...FIXED_NAMES]);
    this.global = new Script('globalThis').runInContext(this.context) as Record<string, unknown>;
  }

  /** Evaluates code in the realm. */
  run(script: Script): unknown {
    return script.runInContext(this.context);
  }

  /** A value of the engine's as the script may see it: of its own realm. What is the script's own comes back as it is. */
  out(value: unknown): unknown {
    if (!(value instanceof Object)) return value;
    if (typeof value === 'function') return this.functionOf(value as Work);
    const prototype = Object.getPrototypeOf(value) as object;
    const kind = this.kinds.get(prototype);
    if (kind !== undefined) return kind(value);
    if (prototype === Object.prototype) return this.copied(value as Record<string, unknown>);
    if (Array.isArray(value)) return this.list(value);
    if (types.isPromise(value)) return this.promise((resolve, reject) => void value.then(resolve, reject));
    if (types.isNativeError(value)) return this.error(value);
    if (types.isArrayBuffer(value)) return this.buffer(new Uint8Array(value));
    if (types.isUint8Array(value)) return this.bytes(value);
    return this.kindOf(prototype)(value);
  }

  /** The engine's object behind one that `out` gave; undefined for all others. */
  behind(value: unknown): unknown {
    return typeof value === 'object' && value !== null ? this.make.behind(value) : undefined;
  }

  /** What was thrown by the engine as an error of the realm; what the script threw comes back as it is. */
  error(thrown: unknown): unknown {
    if (!(thrown instanceof Error)) return thrown;
    if (thrown instanceof TypeError) return new this.make.TypeError(thrown.message);
    if (thrown instanceof RangeError) return new this.make.RangeError(thrown.message);
    return new this.make.GoError(thrown.message);
  }

  /** A promise of the realm; what it settles with is shown as `out` would. */
  promise<T>(work: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void): Promise<T> {
    return this.make.promise(work);
  }

  /** JSON as objects of the realm. */
  parse(text: string): unknown {
    try {
      return this.make.parse(text);
    } catch (error) {
      throw this.error(error);
    }
  }

  /** JSON as objects of the realm that cannot be changed. */
  frozen(text: string): unknown {
    return this.make.frozen(text);
  }

  buffer(bytes: Uint8Array): ArrayBuffer {
    return this.bytes(bytes).buffer as ArrayBuffer;
  }

  private bytes(bytes: Uint8Array): Uint8Array {
    const made = this.make.bytes(bytes.length);
    made.set(bytes);
    return made;
  }

  /** An object of the realm. */
  object(members: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    return this.copied(members) as Record<string, unknown>;
  }

  /** An array of the realm, empty. */
  array(): unknown[] {
    return this.make.array();
  }

  /** A proxy of the realm. What its traps throw is the realm's. */
  proxy(traps: ProxyHandler<object>, target: object = this.make.object()): object {
    const guarded = Object.entries(traps).map(([name, trap]) => [
      name,
      (...values: never[]): unknown => {
        try {
          return this.out((trap as Work)(...values));
        } catch (error) {
          throw this.error(error);
        }
      },
    ]);
    return this.make.proxy(target, Object.fromEntries(guarded) as ProxyHandler<object>);
  }

  /** Math with another `random`. */
  math(random: () => number): unknown {
    return this.make.math(this.functionOf(random));
  }

  /** An object of the engine's as one of the realm: functions are wrapped, getters stay getters. */
  module(members: object): object {
    const made = this.make.object();
    const read = members as Readonly<Record<string, unknown>>;
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
      if (descriptor.get === undefined) this.make.define(made, name, this.make.shown(descriptor.value), true);
      else
        this.make.getter(
          made,
          name,
          this.remembered(() => read[name]),
        );
    }
    // A frozen module is one for the script as well.
    return Object.isFrozen(members) ? Object.freeze(made) : made;
  }

  /** As long as a getter gives the same object, the script sees the same one. */
  private remembered(read: () => unknown): () => unknown {
    let last: unknown;
    let shown: unknown;
    return () => {
      const value = read();
      if (value !== last) {
        last = value;
        shown = this.make.shown(value);
      }
      return shown;
    };
  }

  private functionOf(work: Work): Work {
    let made = this.functions.get(work);
    if (made === undefined) {
      made = this.make.function(isClass(work) ? (...values) => new work(...values) : work);
      this.functions.set(work, made);
    }
    return made;
  }

  private copied(members: Readonly<Record<string, unknown>>): object {
    const made = this.make.object();
    for (const name of Object.keys(members))
      this.make.define(made, name, this.make.shown(members[name]), true);
    return made;
  }

  private list(values: readonly unknown[]): unknown[] {
    const made = this.make.array();
    for (const value of values) made.push(this.make.shown(value));
    return made;
  }

  /** By reflection: public methods and getters of a class, and the fields that it shows. */
  private kindOf(prototype: object): (behind: object) => object {
    const methods = new Map<string, Work>();
    const getters = new Map<string, Work>();
    for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
      for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
        if (name === 'constructor' || methods.has(name) || getters.has(name)) continue;
        const get: unknown = Reflect.get(descriptor, 'get');
        if (get !== undefined) getters.set(name, get as Work);
        else if (typeof descriptor.value === 'function') methods.set(name, descriptor.value as Work);
      }
    }
    const { fields = [], isFixed = false, ignored = [] } = prototype.constructor as unknown as Partial<Shown>;
    const kind = this.make.kind([...methods], [...getters], fields, isFixed, ignored);
    this.kinds.set(prototype, kind);
    return kind;
  }
}

/** A class cannot be called as it is. */
function isClass(work: Work | Constructor): work is Constructor {
  return Function.prototype.toString.call(work).startsWith('class');
}
