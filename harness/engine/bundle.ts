/** A k6 script with all that it imports as one piece of code, for the engine's thread to load. */
import { extname, resolve } from 'node:path';

import type { BuildFailure, Plugin } from 'esbuild';

import { harnessError, usageError, type HarnessError } from '../base/errors.ts';
import { blockingCalls } from './blocking-calls.ts';
import { K6_MODULE_NAMES } from './k6/module-names.ts';
import type { BuiltScript } from './script-bundle.ts';
import { unsupported, UNSUPPORTED_MODULES } from './unsupported.ts';

/** Bundles a script once. Throws a HarnessError for imports that are not served, and for code that does not parse. */
export async function buildScript(script: string): Promise<BuiltScript> {
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
      metafile: true,
      // k6 knows no tsconfig either.
      tsconfigRaw: {},
      define: { __VU: '__onceproofVu.id', __ITER: '__onceproofVu.iteration', __ENV: '__onceproofVu.env' },
      plugins: [k6Imports(failed)],
    });
    const text = (end: string): string =>
      result.outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
    // As in k6: modules are strict, CommonJS is not.
    const isStrict = Object.values(result.metafile.inputs).every(({ format }) => format !== 'cjs');
    const code = text('.cjs');
    return { script, code, map: text('.map'), isStrict, blocking: blockingCalls(code) };
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
        if (K6_MODULE_NAMES.includes(path)) return { path, external: true };
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
      expected: `one of ${K6_MODULE_NAMES.join(', ')}`,
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
  if (first.text.startsWith('Top-level await')) return unsupported(`top-level await (${at})`);
  return usageError('script-unreadable', first.text, { field: at });
}
