/** A script that was bundled and compiled: what a VU needs of it. */

import type { BlockingCalls } from './blocking-calls.ts';
import type { Realm } from './k6/realm.ts';

/** What a script exports, by name. */
export type ScriptExports = Record<string, unknown>;

/** What a script reads as `__VU`, `__ITER`, `__ENV`: the bundler rewrites the three. */
export interface ScriptVu {
  readonly id: number;
  readonly iteration: number;
  readonly env: Record<string, string>;
}

/** The names that k6 has as globals beside those of the language. */
export const HOST_NAMES = [
  'require',
  'console',
  'open',
  'crypto',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'TextDecoder',
  'TextEncoder',
] as const;

/** What they stand for in one VU, and `Math` where it is seeded. */
export type ScriptGlobals = Readonly<Record<(typeof HOST_NAMES)[number], unknown>> & {
  readonly Math?: unknown;
};

/** A script with all that it imports as one piece of code: plain data. */
export interface BuiltScript {
  /** Absolute path of the script. */
  readonly script: string;
  readonly code: string;
  /** Whether it is strict code: no part of it is CommonJS. */
  readonly isStrict: boolean;
  /** Its source map, as JSON. */
  readonly map: string;
  /** Whether it stands still where the real k6 does. */
  readonly blocking: BlockingCalls;
}

export interface Bundle {
  /** Absolute path of the script's folder: what `open` is relative to. */
  readonly folder: string;
  /** Whether the script names `randomSeed`: only then is `Math` per VU. */
  readonly usesRandomSeed: boolean;
  /** Whether the script names anything of HTML: only then is there what reads it. */
  readonly namesPages: boolean;
  /** Evaluates the script anew in a realm and gives its exports. Throws what the script throws at its top level. */
  readonly evaluate: (realm: Realm, globals: ScriptGlobals, vu: ScriptVu) => ScriptExports;
  /** The folder that `open` is relative to, where it is called now. */
  readonly openFolder: () => string;
  /** The error's text with places in the script's own files. */
  readonly describe: (error: unknown) => string;
}
