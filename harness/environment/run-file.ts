/** The file that says what a run has made and must not leave behind: the next start reads it when the run was killed. */

import {
  closeSync,
  fchmodSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { marked } from '../base/origin.ts';
import type { ProcessIdentity } from './process-identity.ts';

export const RUN_FILE = 'run.json';

export interface KeptChild extends ProcessIdentity {
  readonly name: string;
  /** It leads a process group. */
  readonly isGroup?: boolean;
}

/** What a run makes on a part that was there before it: there, everything whose name begins with the prefix is its own. */
export interface ForeignPart {
  readonly kind: 'toxiproxy' | 'redis';
  /** With its password, if it has one: the file is for its owner's eyes only. */
  readonly url: string;
  readonly prefix: string;
}

export interface RunFile {
  readonly schema: 1;
  /** Where the ids below mean something. */
  readonly machine: string;
  readonly owner: ProcessIdentity;
  readonly children: readonly KeptChild[];
  readonly folders: readonly string[];
  readonly foreign: readonly ForeignPart[];
  /** The mark of the installation that wrote it (base/origin.ts). */
  readonly origin?: string;
}

/** This machine, and inside it the part that sees the same process ids (a container has its own); an opaque text. */
export function thisMachine(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Replaces the file at once: whoever reads it finds the old or the new text. Only its owner may read it. */
export function writeRunFile(file: string, content: RunFile): void {
  const next = `${file}.new`;
  const fd = openSync(next, 'w', 0o600);
  try {
    // One that a dead run left keeps its own mode.
    fchmodSync(fd, 0o600);
    writeSync(fd, `${JSON.stringify(marked(content))}\n`);
  } finally {
    closeSync(fd);
  }
  renameSync(next, file);
}

/** Also what was to become one when its run was killed. */
export function removeRunFile(file: string): void {
  rmSync(`${file}.new`, { force: true });
  rmSync(file, { force: true });
}

/** Undefined for a file that is none of ours. */
export function readRunFile(file: string): RunFile | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRunFile(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

function isRunFile(value: unknown): value is RunFile {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Partial<RunFile>;
  return (
    file.schema === 1 &&
    typeof file.machine === 'string' &&
    isIdentity(file.owner) &&
    Array.isArray(file.children) &&
    file.children.every(isIdentity) &&
    Array.isArray(file.folders) &&
    file.folders.every((folder) => typeof folder === 'string') &&
    Array.isArray(file.foreign) &&
    file.foreign.every(isForeignPart)
  );
}

function isIdentity(one: Partial<ProcessIdentity> | null | undefined): boolean {
  return Number.isInteger(one?.pid) && typeof one?.startedAt === 'string';
}

function isForeignPart(one: Partial<ForeignPart> | null): boolean {
  if (one === null || typeof one.url !== 'string' || typeof one.prefix !== 'string') return false;
  if (!URL.canParse(one.url)) return false;
  const { protocol } = new URL(one.url);
  // Everything under the prefix is removed: it must name one run of ours.
  if (one.kind === 'redis') return /^rediss?:$/.test(protocol) && /^onceproof-[\w-]{1,32}:$/.test(one.prefix);
  return (
    one.kind === 'toxiproxy' && /^https?:$/.test(protocol) && /^onceproof-[\w-]{1,32}\.$/.test(one.prefix)
  );
}
