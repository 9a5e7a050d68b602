/** A bundled script, compiled once, that can be evaluated in any realm: state of its modules is per VU, as in k6. */
import { dirname } from 'node:path';
import { Script } from 'node:vm';

import { namesPages } from './html/pages.ts';
import { GLOBAL_NAMES } from './k6/realm-prelude.ts';
import {
  HOST_NAMES,
  type BuiltScript,
  type Bundle,
  type ScriptExports,
  type ScriptGlobals,
  type ScriptVu,
} from './script-bundle.ts';
import { ScriptPlaces } from './script-places.ts';

type Inner = (module: { readonly exports: ScriptExports }, exports: ScriptExports, vu: ScriptVu) => void;

/** Compiles a script. */
export function loadScript(built: BuiltScript): Bundle {
  const places = new ScriptPlaces(built);
  // As parameters the names of the language are found a hundred times as fast as on the global object of a realm. A script
  // that speaks of that object may change them there.
  const isPlain = !/\bglobal(?:This)?\b/.test(built.code);
  const names = [...HOST_NAMES, 'Math', ...(isPlain ? GLOBAL_NAMES.filter((name) => name !== 'Math') : [])];
  // The names in an outer function: the script may have its own of the same name. Line 1 of the script is line 1.
  const code = `(function (${names.join(', ')}) { return function (module, exports, __onceproofVu) {${built.isStrict ? ' "use strict";' : ''}\n${built.code}\n}; })`;
  const script = new Script(code, { filename: places.filename, lineOffset: -1 });
  return {
    folder: dirname(built.script),
    usesRandomSeed: built.code.includes('randomSeed'),
    namesPages: namesPages(built.code),
    evaluate: (realm, globals, vu) => {
      const outer = realm.run(script) as (...values: unknown[]) => Inner;
      const given: ScriptGlobals = { Math: realm.global['Math'], ...globals };
      const inner = outer(
        ...names.map((name) => (name in given ? given[name as 'Math'] : realm.global[name])),
      );
      const module = realm.object({ exports: realm.object() }) as { exports: ScriptExports };
      inner.call(undefined, module, module.exports, realm.module(vuOf(vu)) as ScriptVu);
      return module.exports;
    },
    describe: (error) => places.describe(error),
    openFolder: () => places.folderOf(deepStack()),
  };
}

/** The three that a script may read, and nothing else of a VU. */
function vuOf(vu: ScriptVu): ScriptVu {
  return {
    get id() {
      return vu.id;
    },
    get iteration() {
      return vu.iteration;
    },
    get env() {
      return vu.env;
    },
  };
}

/** Deeper than Node shows by itself: the outermost frame is asked for. */
function deepStack(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1_000;
  try {
    return new Error('where').stack ?? '';
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
