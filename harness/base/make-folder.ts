/** Folders, with those above them. */

import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and what is missing above it; one that is there is fine. Throws the system's error. Node's own
 * `recursive` never ends where a file system takes no folders and says that there is no such file (`/proc/x`).
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
    return;
  } catch (error) {
    if (isFolder(await stat(path).catch(() => undefined))) return;
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    await makeFolder(parent);
  }
  await mkdir(path).catch(async (error: unknown) => {
    // Somebody else was faster.
    if (!isFolder(await stat(path).catch(() => undefined))) throw error;
  });
}

function isFolder(state: { isDirectory(): boolean } | undefined): boolean {
  return state?.isDirectory() === true;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
