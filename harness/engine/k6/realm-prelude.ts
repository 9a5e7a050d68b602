/**
 * Runs inside each realm: makes the functions and objects through which a script sees the engine, so that they are of
 * the script's own realm, and nothing of the engine's is reached through them. Plain JavaScript, since it is evaluated there.
 */

/** The names that k6 has; whatever else a realm of Node has is taken away. */
export const GLOBAL_NAMES: readonly string[] = [
  'AggregateError',
  'Array',
  'ArrayBuffer',
  'BigInt',
  'BigInt64Array',
  'BigUint64Array',
  'Boolean',
  'DataView',
  'Date',
  'Error',
  'EvalError',
  'Float32Array',
  'Float64Array',
  'Function',
  'Int16Array',
  'Int32Array',
  'Int8Array',
  'JSON',
  'Map',
  'Math',
  'Number',
  'Object',
  'Promise',
  'Proxy',
  'RangeError',
  'ReferenceError',
  'Reflect',
  'RegExp',
  'Set',
  'String',
  'Symbol',
  'SyntaxError',
  'TypeError',
  'URIError',
  'Uint16Array',
  'Uint32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'WeakMap',
  'WeakSet',
  'decodeURI',
  'decodeURIComponent',
  'encodeURI',
  'encodeURIComponent',
  'escape',
  'isFinite',
  'isNaN',
  'parseFloat',
  'parseInt',
  'unescape',
];

/** Names that every realm has and no function may take as a parameter. */
export const FIXED_NAMES: readonly string[] = ['Infinity', 'NaN', 'undefined', 'eval', 'globalThis'];

/** Gets what the engine does, `{ out, fail }`, and the names to keep; gives the makers (`Makers` in `realm.ts`). */
export const PRELUDE = `(function (engine, kept) {
  'use strict';
  const { out, fail } = engine;
  const { apply, defineProperty, ownKeys, deleteProperty } = Reflect;
  const { create, freeze } = Object;
  const parse = JSON.parse;
  const PromiseOf = Promise, ErrorOf = Error, TypeErrorOf = TypeError, RangeErrorOf = RangeError, BytesOf = Uint8Array, ProxyOf = Proxy;
  const isKept = new Set(kept);
  for (const name of ownKeys(globalThis)) {
    if (typeof name === 'string' && !isKept.has(name)) deleteProperty(globalThis, name);
  }

  defineProperty(globalThis, 'global', { value: globalThis, writable: true, configurable: true });

  /** What Go's side of k6 throws. */
  class GoError extends ErrorOf {}
  defineProperty(GoError.prototype, 'name', { value: 'GoError', writable: true, configurable: true });
  defineProperty(globalThis, 'GoError', { value: GoError, writable: true, configurable: true });

  /** Puts the engine's object behind one of the script's, where only this code finds it. */
  const Identity = function (object) { return object; };
  class Stamp extends Identity {
    #behind;
    constructor(object, behind) { super(object); this.#behind = behind; }
    static of(object) { return #behind in object ? object.#behind : undefined; }
  }

  const shown = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function' ? out(value) : value;

  return {
    shown,
    GoError, TypeError: TypeErrorOf, RangeError: RangeErrorOf,
    object: () => ({}),
    array: () => [],
    bytes: (length) => new BytesOf(length),
    promise: (work) => new PromiseOf((resolve, reject) => {
      work((value) => resolve(shown(value)), (reason) => reject(fail(reason)));
    }),
    proxy: (target, traps) => new ProxyOf(target, traps),
    math: (random) => { const math = create(Math); math.random = random; return math; },
    parse: (text) => parse(text),
    frozen: (text) => parse(text, (_, value) => (typeof value === 'object' && value !== null ? freeze(value) : value)),
    define: (target, name, value, isEnumerable) => defineProperty(target, name, { value, enumerable: isEnumerable, writable: true, configurable: true }),
    getter: (target, name, read) => defineProperty(target, name, {
      get() { let value; try { value = read(); } catch (error) { throw fail(error); } return shown(value); },
      enumerable: true, configurable: true,
    }),
    function: (work) => function (...values) {
      let value;
      try { value = work(...values); } catch (error) { throw fail(error); }
      return (typeof value === 'object' && value !== null) || typeof value === 'function' ? out(value) : value;
    },
    behind: (object) => Stamp.of(object),
    /** A class of the engine's as a kind of object of the script's. */
    kind: (methods, getters, fields, isFixed, ignored) => {
      const Kind = function () {};
      const prototype = create(Object.prototype);
      Kind.prototype = prototype;
      for (const [name, method] of methods) {
        defineProperty(prototype, name, { writable: true, configurable: true, enumerable: true, value: function (...values) {
          const behind = Stamp.of(this);
          if (behind === undefined) throw new TypeErrorOf(name + ' was called on another object');
          let value;
          try { value = apply(method, behind, values); } catch (error) { throw fail(error); }
          return shown(value);
        } });
      }
      for (const [name, read] of getters) {
        defineProperty(prototype, name, { configurable: true, enumerable: true,
          get() {
            const behind = Stamp.of(this);
            if (behind === undefined) return undefined;
            let value;
            try { value = apply(read, behind, []); } catch (error) { throw fail(error); }
            return shown(value);
          },
          set: ignored.includes(name) ? function () {} : isFixed ? undefined : function (value) { defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true }); },
        });
      }
      return (behind) => {
        const object = new Kind();
        new Stamp(object, behind);
        for (const name of fields) object[name] = shown(behind[name]);
        return object;
      };
    },
  };
})`;
