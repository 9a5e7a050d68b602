/** How our own programs and other people's are found and started: from TypeScript sources or from dist. */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { harnessError } from './errors.ts';

/** A program with the arguments that come before its own. */
export interface ProgramCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Folder of the installed package: the nearest one above this file that holds our package.json. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw harnessError('package_not_found', 'the package that this program belongs to', {
        expected: 'a package.json above it',
        found: import.meta.url,
      });
    }
    folder = parent;
  }
  return folder;
}

/**
 * How to start one of our own programs, named without its ending (`reference-server/main`): the compiled file when we
 * are compiled ourselves, else the source through tsx. Throws when the file is not there.
 */
export function programArguments(relative: string): ProgramCommand {
  const isSource = import.meta.url.endsWith('.ts');
  const root = packageRoot();
  const file = isSource ? join(root, `${relative}.ts`) : join(root, 'dist', `${relative}.js`);
  if (!existsSync(file)) {
    throw harnessError('program_missing', `the program ${relative}`, { expected: 'a file', found: file });
  }
  if (!isSource) return { command: process.execPath, args: ['--enable-source-maps', file] };
  // By address, so that it is found whatever folder the child runs in.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { command: process.execPath, args: ['--import', tsx, file] };
}

/** The first executable file: one of `extraPaths` (whole paths), else `name` in a folder of PATH; undefined when there is none. */
export function findProgram(name: string, extraPaths: readonly string[] = []): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe', ''] : [''];
  const candidates = folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending)));
  return [...extraPaths, ...candidates].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
