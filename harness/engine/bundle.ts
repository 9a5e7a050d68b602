/** A k6 script as one function that can be called once per VU, so that module state is per VU as in k6. */
import { SourceMap } from 'node:module';
import { dirname, extname, resolve } from 'node:path';
import { compileFunction } from 'node:vm';

import type { BuildFailure, Plugin } from 'esbuild';

import { harnessError, usageError, type HarnessError } from '../base/errors.ts';
import { K6_MODULES } from './k6/modules.ts';
import { textOf } from './k6/text.ts';
import type { Bundle, ScriptExports, ScriptGlobals } from './script-bundle.ts';
import { UNSUPPORTED_MODULES } from './unsupported.ts';

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

/** Bundles and compiles a script once. Throws a HarnessError for imports that are not served, and for code that does not parse. */
export async function bundleScript(script: string): Promise<Bundle> {
  const { code, map } = await build(script);
  const filename = `${script}.bundle.cjs`;
  const factory = compileFunction(code, PARAMETERS, { filename }) as (...values: unknown[]) => void;
  return {
    folder: dirname(script),
    usesRandomSeed: code.includes('randomSeed'),
    evaluate: (globals) => evaluate(factory, globals),
    describe: (error) => describe(error, filename, map, dirname(script)),
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

async function build(script: string): Promise<{ code: string; map: SourceMap }> {
  // Loaded late: a run with the real k6 never needs it.
  const esbuild = await import('esbuild');
  const failed: HarnessError[] = [];
  try {
    const result = await esbuild.build({
      entryPoints: [script],
      bundle: true,
      write: false,
      outfile: `${script}.bundle.cjs`,
      format: 'cjs',
      platform: 'neutral',
      target: 'node20',
      sourcemap: 'external',
      logLevel: 'silent',
      // k6 knows no tsconfig either.
      tsconfigRaw: {},
      define: { __VU: '__onceproofVu.id', __ITER: '__onceproofVu.iteration', __ENV: '__onceproofVu.env' },
      plugins: [k6Imports(failed)],
    });
    const text = (end: string): string =>
      result.outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
    const map = new SourceMap(JSON.parse(text('.map')) as ConstructorParameters<typeof SourceMap>[0]);
    return { code: text('.cjs'), map };
  } catch (error) {
    throw failed[0] ?? notBuilt(script, error);
  }
}

/** Serves `k6` modules from the engine, relative files from disk, and refuses the rest by name. */
function k6Imports(failed: HarnessError[]): Plugin {
  return {
    name: 'k6-imports',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, importer, kind, resolveDir }) => {
        if (kind === 'entry-point') return undefined;
        if (K6_MODULES.has(path)) return { path, external: true };
        const problem = importProblem(path, importer);
        if (problem === undefined) return { path: resolve(resolveDir, path) };
        failed.push(problem);
        return { errors: [{ text: problem.message }] };
      });
    },
  };
}

function importProblem(path: string, importer: string): HarnessError | undefined {
  const field = `${importer}: import "${path}"`;
  if (path === 'k6' || path.startsWith('k6/')) {
    const isKnown = UNSUPPORTED_MODULES.some((name) => matches(name, path));
    const what = isKnown ? 'the embedded engine does not have this module' : 'this module is unknown';
    return usageError('unsupported-import', `${what}: run this script with --engine k6`, {
      field,
      expected: `one of ${[...K6_MODULES.keys()].join(', ')}`,
    });
  }
  if (/^https?:/.test(path)) {
    return usageError(
      'unsupported-import',
      'the embedded engine loads nothing from the network: keep a copy beside the script, or run this script with --engine k6',
      { field },
    );
  }
  if (!path.startsWith('.') && !path.startsWith('/')) {
    return usageError(
      'unsupported-import',
      'packages from npm cannot be imported (the real k6 refuses them as well): bundle them into the script, or run a custom build with --engine k6',
      {
        field,
        expected: 'k6/* or a relative path',
      },
    );
  }
  if (!['.ts', '.js', '.mjs', '.cjs', '.mts'].includes(extname(path))) {
    return usageError('unsupported-import', 'k6 loads only imports that name the whole file', {
      field,
      expected: 'a name that ends in .ts or .js',
    });
  }
  return undefined;
}

function matches(name: string, path: string): boolean {
  return name.endsWith('/*') ? path.startsWith(name.slice(0, -1)) : name === path;
}

function notBuilt(script: string, error: unknown): HarnessError {
  const first = (error as Partial<BuildFailure>).errors?.[0];
  if (first === undefined)
    return harnessError('bundle-failed', 'the script cannot be bundled', { field: script, cause: error });
  const at =
    first.location === null || first.location === undefined
      ? script
      : `${first.location.file}:${first.location.line}:${first.location.column + 1}`;
  return usageError('script-unreadable', first.text, { field: at });
}

/** Message and stack of an error, bundle places turned into script places, the engine's own frames left out. */
function describe(error: unknown, filename: string, map: SourceMap, folder: string): string {
  if (!(error instanceof Error)) return textOf(error);
  const head = `${error.name}: ${error.message}`;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.includes(filename));
  return [head, ...frames.map((frame) => placed(frame, map, folder))].join('\n');
}

function placed(frame: string, map: SourceMap, folder: string): string {
  const place = /:(\d+):(\d+)\)?$/.exec(frame);
  const name = /at (?:async )?([\w.$<>]+) \(/.exec(frame)?.[1];
  const entry = map.findEntry(Number(place?.[1]) - 1, Number(place?.[2]) - 1);
  if (!('originalSource' in entry)) return frame;
  const file = resolve(folder, entry.originalSource);
  const at = `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  return name === undefined ? `\tat ${at}` : `\tat ${name} (${at})`;
}
