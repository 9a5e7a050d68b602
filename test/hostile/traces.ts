/** What a run leaves on this machine: processes, listening ports, files, and the token in any of them. Reads /proc. */

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { leakIn } from './secret.ts';

/** Bundles scripts for as long as its parent lives, and ends by its parent's end. */
const HELPER = 'esbuild';

/** Most memory that a process ever had at once, as far as the kernel's counter was not set back. bytes */
export function peakBytesOf(pid: number | 'self'): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** All descendants of a process, by id. */
export function descendantsOf(pid: number | 'self'): number[] {
  const tasks = namesIn(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    textOf(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Those whose environment holds the mark, whoever is their parent by now. */
export function processesWith(mark: string): string[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name) && textOf(`/proc/${name}/environ`).includes(mark))
    .map((pid) => `${pid} ${commandOf(Number(pid))}`);
}

/** Descendants of this process that are no helper of the bundler. */
export function ownProcesses(): string[] {
  return descendantsOf('self')
    .map((pid) => `${pid} ${commandOf(pid)}`)
    .filter((line) => !line.endsWith(` ${HELPER}`));
}

/** Ports on which this very process listens. */
export function ownPorts(): number[] {
  const inodes = new Set(
    namesIn('/proc/self/fd')
      .map((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${fd}`))?.[1])
      .filter((inode) => inode !== undefined),
  );
  const lines = ['tcp', 'tcp6'].flatMap((name) => textOf(`/proc/self/net/${name}`).split('\n').slice(1));
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode ?? ''))
    .map(([, local]) => parseInt(local?.split(':')[1] ?? '', 16));
}

/** Every file below a folder, by its path in it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

/** Files in which the token stands. */
export function leakingFiles(folder: string, files: readonly string[]): string[] {
  return files.filter((file) => leakIn(bytesOf(join(folder, file))) !== undefined);
}

function commandOf(pid: number): string {
  return textOf(`/proc/${pid}/comm`).trim();
}

function bytesOf(file: string): Buffer {
  try {
    // A pipe would be waited for.
    return lstatSync(file).isFile() ? readFileSync(file) : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  }
}

// Processes come and go while they are read.
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
