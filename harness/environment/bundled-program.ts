/**
 * One of our programs as a single file that starts fast. A replica that is killed must come back soon: from its
 * TypeScript sources that takes seven times the processor time (measured: 1.95 s against 0.27 s).
 */

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { packageRoot, programArguments, type ProgramCommand } from '../base/program.ts';

/** Files that a bundle was made of, with size and time of change: it is stale when one of them differs. */
interface Manifest {
  readonly node: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** Packages bundled into an ES module still call `require` and look for their own folder. */
const BANNER = [
  `import { createRequire as createRequireOfBundle } from 'node:module';`,
  `const require = createRequireOfBundle(import.meta.url);`,
].join('\n');

const preparing = new Map<string, Promise<ProgramCommand>>();

/**
 * How to start a program (named as for `programArguments`): its bundle, made now when there is none or a source has
 * changed. Where no bundle can be made or kept, the program itself.
 */
export function bundledProgram(name: string): Promise<ProgramCommand> {
  const known = preparing.get(name);
  if (known) return known;
  const prepared = prepare(name);
  preparing.set(name, prepared);
  return prepared;
}

async function prepare(name: string): Promise<ProgramCommand> {
  const plain = programArguments(name);
  const entry = plain.args.at(-1) ?? '';
  // Beside the packages that are in it: whoever may change those may change it.
  const folder = join(packageRoot(), 'node_modules', '.cache', 'onceproof');
  const hash = createHash('sha256').update(entry).digest('hex').slice(0, 12);
  const file = join(folder, `${basename(name)}-${hash}.mjs`);
  try {
    if (!isFresh(`${file}.json`)) await build(entry, folder, file);
    return { command: process.execPath, args: [file] };
  } catch {
    // A folder that cannot be written, an esbuild that does not run: slower, and right all the same.
    return plain;
  }
}

function isFresh(manifestFile: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest;
    return (
      manifest.node === process.version &&
      Object.entries(manifest.inputs).every(
        ([input, state]) => stateOf(resolve(packageRoot(), input)) === state,
      )
    );
  } catch {
    return false;
  }
}

async function build(entry: string, folder: string, file: string): Promise<void> {
  // Loaded late: with a fresh bundle it is not needed.
  const esbuild = await import('esbuild');
  mkdirSync(folder, { recursive: true });
  // Several runs may build at once: each its own file, the last one stays.
  const own = `${file}.${process.pid}`;
  try {
    const { metafile } = await esbuild.build({
      absWorkingDir: packageRoot(),
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      outfile: own,
      metafile: true,
      banner: { js: BANNER },
      logLevel: 'silent',
    });
    const inputs = Object.fromEntries(
      Object.keys(metafile.inputs).map((input) => {
        const path = resolve(packageRoot(), input);
        return [relative(packageRoot(), path), stateOf(path)];
      }),
    );
    const manifest: Manifest = { node: process.version, inputs };
    writeFileSync(`${own}.json`, JSON.stringify(manifest));
    renameSync(own, file);
    renameSync(`${own}.json`, `${file}.json`);
  } finally {
    rmSync(own, { force: true });
    rmSync(`${own}.json`, { force: true });
  }
}

function stateOf(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${size}@${mtimeMs}`;
}
