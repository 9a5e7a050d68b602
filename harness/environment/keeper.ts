/**
 * Nothing outlives the harness: every child and temporary folder is written to a run file, and a guardian
 * (a tiny shell that reads from our pipe) ends them when the pipe closes because we were killed.
 */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Ports } from './ports.ts';
import { identityOf, isRunning, signalProcess, type ProcessIdentity } from './process-identity.ts';

export const RUN_FILE = 'run.json';
/** Every temporary folder of ours begins so; nothing else is ever removed. */
export const TEMPORARY_PREFIX = 'onceproof-';

interface KeptChild extends ProcessIdentity {
  readonly name: string;
}

interface RunFile {
  readonly schema: 1;
  readonly owner: ProcessIdentity;
  readonly children: readonly KeptChild[];
  readonly folders: readonly string[];
}

/** What a dead harness had left and is gone now. */
export interface StaleLeftover {
  readonly file: string;
  readonly ended: readonly { readonly name: string; readonly pid: number }[];
  readonly removed: readonly string[];
}

// Ctrl-C goes to the whole terminal group: the guardian must outlive it, since the harness still heals and judges.
const GUARDIAN = `
trap '' INT TERM HUP
kept=' '
while IFS=' ' read -r word value; do
  case "$word" in
    add) kept="$kept$value " ;;
    drop) kept="\${kept%% $value *} \${kept#* $value }" ;;
    folder) folders="$folders$value
" ;;
  esac
done
for pid in $kept; do kill -9 "$pid" 2>/dev/null; done
printf '%s' "$folders" | while IFS= read -r folder; do rm -rf -- "$folder"; done
`;

/** Keeps the list of what must not be left behind. */
export class Keeper {
  /** Where the children may listen. */
  readonly ports = new Ports();
  readonly #file: string;
  readonly #owner: ProcessIdentity;
  readonly #children = new Map<number, KeptChild>();
  readonly #folders = new Set<string>();
  readonly #guardian: ChildProcess | undefined;
  readonly #endAllNow = (): void => this.#endAll();

  /** `workDir` gets the run file while something runs; it is made when it is not there. */
  constructor(workDir: string) {
    mkdirSync(workDir, { recursive: true });
    this.#file = join(workDir, RUN_FILE);
    this.#owner = identityOf(process.pid) ?? { pid: process.pid, startedAt: '' };
    this.#guardian = process.platform === 'win32' ? undefined : startGuardian();
    process.once('exit', this.#endAllNow);
    this.#write();
  }

  addChild(name: string, pid: number): void {
    this.#children.set(pid, { name, pid, startedAt: identityOf(pid)?.startedAt ?? '' });
    this.#tell(`add ${pid}`);
    this.#write();
  }

  dropChild(pid: number): void {
    if (!this.#children.delete(pid)) return;
    this.#tell(`drop ${pid}`);
    this.#write();
  }

  /** A temporary folder of ours, to be removed at the end. Throws for any other: the guardian removes without asking. */
  addFolder(folder: string): void {
    assert(isTemporary(folder), `not a temporary folder of ours: ${folder}`);
    this.#folders.add(folder);
    this.#tell(`folder ${folder}`);
    this.#write();
  }

  /** Ends what is still there, removes the folders, the run file and the guardian. */
  async close(): Promise<void> {
    process.removeListener('exit', this.#endAllNow);
    this.#endAll();
    await this.ports.close();
    const guardian = this.#guardian;
    if (guardian === undefined || guardian.exitCode !== null || guardian.signalCode !== null) return;
    const gone = new Promise((done) => guardian.once('exit', done));
    // Until now it kept nobody waiting.
    guardian.ref();
    guardian.stdin?.end();
    await gone;
  }

  #endAll(): void {
    for (const child of this.#children.values()) {
      signalProcess(child, 'SIGKILL');
      this.#tell(`drop ${child.pid}`);
    }
    this.#children.clear();
    for (const folder of this.#folders) removeTemporary(folder);
    rmSync(this.#file, { force: true });
  }

  #tell(line: string): void {
    if (this.#guardian?.stdin?.writable) this.#guardian.stdin.write(`${line}\n`);
  }

  #write(): void {
    const content: RunFile = {
      schema: 1,
      owner: this.#owner,
      children: [...this.#children.values()],
      folders: [...this.#folders],
    };
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(content)}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/**
 * Ends what harnesses that are dead by now have left in `dir` or up to three folders below it (results/scenario/run).
 * A child is recognised by id and start time, so that a stranger with a reused id is never touched.
 */
export function cleanUpStale(dir: string): readonly StaleLeftover[] {
  return runFilesBelow(dir, 3).flatMap((file) => {
    const found = readRunFile(file);
    if (found === undefined || isRunning(found.owner)) return [];
    const ended = found.children.filter((child) => signalProcess(child, 'SIGKILL'));
    const removed = found.folders.filter(removeTemporary);
    rmSync(file, { force: true });
    return [{ file, ended: ended.map(({ name, pid }) => ({ name, pid })), removed }];
  });
}

function startGuardian(): ChildProcess | undefined {
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the run file still serves the next start's clean-up.
  guardian.on('error', () => {});
  guardian.stdin?.on('error', () => {});
  guardian.unref();
  const stdin: unknown = guardian.stdin;
  if (stdin instanceof Object && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return guardian;
}

function removeTemporary(folder: string): boolean {
  if (!isTemporary(folder)) return false;
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return true;
}

function isTemporary(folder: string): boolean {
  return basename(folder).startsWith(TEMPORARY_PREFIX) && dirname(resolve(folder)) === resolve(tmpdir());
}

function runFilesBelow(dir: string, depth: number): readonly string[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isFile()) return entry.name === RUN_FILE ? [path] : [];
      return entry.isDirectory() && depth > 0 ? runFilesBelow(path, depth - 1) : [];
    });
  } catch {
    return [];
  }
}

function readRunFile(file: string): RunFile | undefined {
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
  const isIdentity = (one: Partial<ProcessIdentity> | undefined): boolean =>
    Number.isInteger(one?.pid) && typeof one?.startedAt === 'string';
  return (
    file.schema === 1 &&
    isIdentity(file.owner) &&
    Array.isArray(file.children) &&
    file.children.every(isIdentity) &&
    Array.isArray(file.folders) &&
    file.folders.every((folder) => typeof folder === 'string')
  );
}
