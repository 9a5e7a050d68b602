/** A script that was bundled and compiled: what a VU needs of it. */

/** What a script exports, by name. */
export type ScriptExports = Record<string, unknown>;

/** The names that k6 has as globals and Node has not, or has otherwise. */
export interface ScriptGlobals {
  readonly require: (name: string) => unknown;
  /** Read by the script as `__VU`, `__ITER`, `__ENV`: the bundler rewrites the three. */
  readonly vu: { readonly id: number; readonly iteration: number; readonly env: Record<string, string> };
  readonly console: unknown;
  readonly open: unknown;
  readonly setTimeout: unknown;
  readonly clearTimeout: unknown;
  readonly setInterval: unknown;
  readonly clearInterval: unknown;
  readonly Math: Math;
}

/** A script with all that it imports as one piece of code: plain data. */
export interface BuiltScript {
  /** Absolute path of the script. */
  readonly script: string;
  readonly code: string;
  /** Its source map, as JSON. */
  readonly map: string;
}

export interface Bundle {
  /** Absolute path of the script's folder: what `open` is relative to. */
  readonly folder: string;
  /** Whether the script names `randomSeed`: only then is `Math` per VU. */
  readonly usesRandomSeed: boolean;
  /** Evaluates the script anew and gives its exports. Throws what the script throws at its top level. */
  readonly evaluate: (globals: ScriptGlobals) => ScriptExports;
  /** The error's text with places in the script's own files. */
  readonly describe: (error: unknown) => string;
}
