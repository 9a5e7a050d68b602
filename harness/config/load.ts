/** Reads a config file: TypeScript and JavaScript through esbuild, JSON and YAML as they are. */

import { rmSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Message, Plugin } from 'esbuild';
import { HarnessError, messageOf, usageError } from '../base/errors.ts';
import { smallText } from '../base/small-file.ts';
import type { Environment } from './environment.ts';
import { orList } from './member.ts';
import { fileLabel, resolveConfig, type ResolvedConfig, type ResolveOptions } from './resolve.ts';

/** So long a config may take to be loaded. ms */
const LOAD_LIMIT_MS = 10_000;
const SCRIPTS = ['.ts', '.mts', '.js', '.mjs'];
const YAML = ['.yaml', '.yml'];

/**
 * Loads and checks a config file (.ts, .mts, .js, .mjs, .json, .yaml or .yml). `env` is what `{ env }` members read.
 * A script may import `defineConfig` from 'onceproof', installed there or not, and any package that it can see.
 * Throws a usage error that names the file or the member.
 */
export async function loadConfig(
  path: string,
  { env, allowHosts = [] }: { readonly env: Environment; readonly allowHosts?: readonly string[] },
): Promise<ResolvedConfig> {
  const file = resolve(path);
  const extension = extname(file);
  const options = { file, env, allowHosts };
  if (extension === '.json') return read(jsonOf(file), options);
  if (YAML.includes(extension)) return read(await yamlOf(file), options);
  if (SCRIPTS.includes(extension)) return read(await exportOf(file), options);
  throw usageError('config_file', 'cannot be a config', {
    field: path,
    expected: `a file that ends with ${orList([...SCRIPTS, '.json', ...YAML])}`,
    found: extension || 'no ending',
  });
}

/** A script's object may have members that throw. */
function read(config: unknown, options: ResolveOptions): ResolvedConfig {
  try {
    return resolveConfig(config, options);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw usageError('config_file', `threw while it was read: ${messageOf(error)}`, {
      field: fileLabel(options.file),
      cause: error,
    });
  }
}

function textAt(file: string): string {
  try {
    return smallText(file);
  } catch (error) {
    throw noConfig(file, (error as NodeJS.ErrnoException).code ?? messageOf(error), error);
  }
}

function noConfig(file: string, found: string, cause?: unknown): HarnessError {
  return usageError('config_file', 'cannot be read', {
    field: file,
    expected: 'a config file',
    found,
    cause,
  });
}

function jsonOf(file: string): unknown {
  const text = textAt(file);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usageError('config_file', `is no JSON: ${messageOf(error)}`, { field: fileLabel(file) });
  }
}

async function yamlOf(file: string): Promise<unknown> {
  const text = textAt(file);
  // Lazily: hardly any command reads YAML.
  const { parse } = await import('yaml');
  try {
    // A tag that means nothing here is told by the member's own check; a warning would be a second line.
    return parse(text, { prettyErrors: true, maxAliasCount: 100, logLevel: 'error' }) as unknown;
  } catch (error) {
    throw usageError('config_file', `is no YAML: ${messageOf(error).split('\n')[0] ?? ''}`, {
      field: fileLabel(file),
    });
  }
}

/** The default export of a script. */
async function exportOf(file: string): Promise<unknown> {
  textAt(file);
  // The bundler opens it once more, and would wait for a second writer of a pipe.
  if (!statSync(file).isFile()) throw noConfig(file, 'a pipe');
  const code = await bundle(file);
  const folder = await mkdtemp(join(tmpdir(), 'onceproof-config-'));
  // A config may end the process while it is loaded.
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeNow);
  try {
    const script = join(folder, 'config.mjs');
    await writeFile(script, code);
    const loaded = await within(
      import(pathToFileURL(script).href) as Promise<{ readonly default?: unknown }>,
    );
    return loaded.default;
  } catch (error) {
    throw usageError('config_file', `threw while it was loaded: ${messageOf(error)}`, {
      field: fileLabel(file),
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', removeNow);
  }
}

/** A top-level await that never settles must not hang the command. */
async function within<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it does not end within ${LOAD_LIMIT_MS} ms`)), LOAD_LIMIT_MS);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One module with all its relative imports in it; packages stay outside, by their full address. */
async function bundle(file: string): Promise<string> {
  // Lazily: a JSON config, `--help` and `check` need no bundler.
  const { build } = await import('esbuild');
  const url = JSON.stringify(pathToFileURL(file).href);
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'silent',
      // The script runs from another folder than the one it was written for.
      define: {
        'import.meta.url': url,
        'import.meta.filename': JSON.stringify(file),
        'import.meta.dirname': JSON.stringify(dirname(file)),
      },
      plugins: [packagesOutside],
    });
    return outputFiles[0]?.text ?? '';
  } catch (error) {
    throw usageError('config_file', firstOf(error), { field: fileLabel(file), cause: error });
  }
}

/** 'onceproof' is this very package; other packages are resolved from the config's folder and left outside. */
const packagesOutside: Plugin = {
  name: 'packages-outside',
  setup(build) {
    const resolving = Symbol('resolving');
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData, importer }) => {
      if (kind === 'entry-point' || pluginData === resolving) return undefined;
      if (path === 'onceproof') return { path: definePath() };
      if (isBuiltin(path) || path.startsWith('file:')) return { path, external: true };
      const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: resolving });
      if (found.errors.length > 0) return { errors: found.errors };
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

/** define.ts beside this file, or define.js in the built package. */
function definePath(): string {
  return fileURLToPath(new URL(`./define${extname(import.meta.url)}`, import.meta.url));
}

function firstOf(error: unknown): string {
  const errors = (error as { readonly errors?: readonly Message[] }).errors;
  const first = errors?.[0];
  if (first === undefined) return messageOf(error);
  return first.location === null ? first.text : `line ${first.location.line}: ${first.text}`;
}
