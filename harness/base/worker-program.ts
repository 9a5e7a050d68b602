/** The program of a thread of ours: the compiled file when we are compiled ourselves, else bundled from the source. */
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { WorkerProgram } from './worker-entry.ts';

const bundled = new Map<string, Promise<string>>();

/** `beside`: address of the file that asks (`import.meta.url`); `name`: of one of its folder, without its ending. */
export async function workerProgram(beside: string, name: string): Promise<WorkerProgram> {
  if (!beside.endsWith('.ts')) return { program: new URL(`./${name}.js`, beside).href, isCode: false };
  // Node cannot load TypeScript in a worker on every version that is supported, whatever runs us.
  const file = fileURLToPath(new URL(`./${name}.ts`, beside));
  const program = bundled.get(file) ?? bundle(file);
  bundled.set(file, program);
  return { program: await program, isCode: true };
}

async function bundle(entry: string): Promise<string> {
  const esbuild = await import('esbuild');
  const { resolve } = createRequire(import.meta.url);
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    tsconfigRaw: {},
    // It finds packages from where it was, also those that it loads late.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(entry).href) },
    plugins: [
      {
        name: 'packages-by-path',
        setup(build) {
          // Code without a file of its own finds no packages by name.
          build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('node:')
              ? undefined
              : { path: resolve(path), external: true },
          );
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? '';
}
