/** A bundled script, compiled, as one function that can be called once per VU, so that module state is per VU as in k6. */
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';

import type { BuiltScript, Bundle, ScriptExports, ScriptGlobals } from './script-bundle.ts';
import { ScriptPlaces } from './script-places.ts';

const PARAMETERS = [
  'module',
  'exports',
  'require',
  '__onceproofVu',
  'console',
  'open',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'Math',
  // Not there in k6: a script that leans on them would break there.
  'process',
  'Buffer',
  'setImmediate',
  'clearImmediate',
  'fetch',
];

/** Compiles a script. */
export function loadScript(built: BuiltScript): Bundle {
  const places = new ScriptPlaces(built);
  const factory = compileFunction(built.code, PARAMETERS, { filename: places.filename }) as (
    ...values: unknown[]
  ) => void;
  return {
    folder: dirname(built.script),
    usesRandomSeed: built.code.includes('randomSeed'),
    evaluate: (globals) => evaluate(factory, globals),
    describe: (error) => places.describe(error),
  };
}

function evaluate(factory: (...values: unknown[]) => void, globals: ScriptGlobals): ScriptExports {
  const module = { exports: {} as ScriptExports };
  factory(
    module,
    module.exports,
    globals.require,
    globals.vu,
    globals.console,
    globals.open,
    globals.setTimeout,
    globals.clearTimeout,
    globals.setInterval,
    globals.clearInterval,
    globals.Math,
  );
  return module.exports;
}
