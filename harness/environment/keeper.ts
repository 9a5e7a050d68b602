/**
 * Nothing outlives the harness: every child and temporary folder is written to a run file, and a guardian
 * (a tiny shell that reads from our pipe) ends them when the pipe closes because we were killed.
 */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Ports } from './ports.ts';
import { identityOf, signalProcess, type ProcessIdentity } from './process-identity.ts';
import {
  removeRunFile,
  RUN_FILE,
  thisMachine,
  writeRunFile,
  type ForeignPart,
  type KeptChild,
} from './run-file.ts';

/** Every temporary folder of ours begins so; nothing else is ever removed. */
export const TEMPORARY_PREFIX = 'onceproof-';

// Ctrl-C goes to the whole terminal group: the guardian must outlive it, since the harness still heals and judges.
const GUARDIAN = `
trap '' INT TERM HUP
kept=' '
folders=''
while IFS=' ' read -r word value; do
  case "$word" in
    add) kept="$kept$value " ;;
    drop) kept="\${kept%% $value *} \${kept#* $value }" ;;
    folder) folders="$folders$value
" ;;
  esac
done
for pid in $kept; do kill -9 "$pid" 2>/dev/null; done
# One that is about to die may still make a file in a folder that is being removed.
for try in 1 2 3 4 5 6 7 8 9 10; do
  [ -n "$folders" ] || break
  printf '%s' "$folders" | { failed=0; while IFS= read -r folder; do
    rm -rf -- "$folder" 2>/dev/null || failed=1; done; exit $failed; } && break
  sleep 0.2 2>/dev/null || sleep 1
done
`;

/** Keeps the list of what must not be left behind. */
export class Keeper {
  /** Where the children may listen. */
  readonly ports = new Ports();
  readonly #file: string;
  readonly #owner: ProcessIdentity;
  readonly #children = new Map<number, KeptChild>();
  readonly #folders = new Set<string>();
  readonly #foreign = new Set<ForeignPart>();
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

  /** `isGroup`: it leads a process group, which is ended with it. */
  addChild(name: string, pid: number, isGroup = false): void {
    // First of all: until the guardian knows of it, nobody would end it.
    this.#tell(`add ${isGroup ? -pid : pid}`);
    const startedAt = identityOf(pid)?.startedAt ?? '';
    this.#children.set(pid, { name, pid, startedAt, ...(isGroup && { isGroup }) });
    this.#update();
  }

  dropChild(pid: number): void {
    const child = this.#children.get(pid);
    if (child === undefined) return;
    this.#children.delete(pid);
    this.#tell(`drop ${child.isGroup === true ? -pid : pid}`);
    this.#update();
  }

  /** A temporary folder of ours, to be removed at the end. Throws for any other: the guardian removes without asking. */
  addFolder(folder: string): void {
    assert(isTemporary(folder), `not a temporary folder of ours: ${folder}`);
    this.#folders.add(folder);
    this.#tell(`folder ${folder}`);
    this.#update();
  }

  /**
   * What is made under a prefix on a part that is not ours. The guardian cannot undo it: it stays in the run file, also
   * after `close`, until it is dropped.
   */
  addForeign(part: ForeignPart): void {
    this.#foreign.add(part);
    this.#write();
  }

  dropForeign(part: ForeignPart): void {
    if (this.#foreign.delete(part)) this.#write();
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
      this.#tell(`drop ${child.isGroup === true ? -child.pid : child.pid}`);
    }
    this.#children.clear();
    for (const folder of this.#folders) removeTemporary(folder);
    this.#folders.clear();
    if (this.#foreign.size > 0) this.#update();
    else removeRunFile(this.#file);
  }

  #tell(line: string): void {
    if (this.#guardian?.stdin?.writable) this.#guardian.stdin.write(`${line}\n`);
  }

  /**
   * What the guardian has been told is ended by it. A disk that is full by now costs the file's last state: whoever reads it meets
   * processes that are gone, and says so.
   */
  #update(): void {
    try {
      this.#write();
    } catch (error) {
      if (this.#guardian === undefined) throw error;
    }
  }

  #write(): void {
    writeRunFile(this.#file, {
      schema: 1,
      machine: thisMachine(),
      owner: this.#owner,
      children: [...this.#children.values()],
      folders: [...this.#folders],
      foreign: [...this.#foreign],
    });
  }
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

/** True when it is gone; false for a folder that is none of ours, or cannot be removed. */
export function removeTemporary(folder: string): boolean {
  if (!isTemporary(folder)) return false;
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    return !existsSync(folder);
  }
  return true;
}

export function isTemporary(folder: string): boolean {
  return basename(folder).startsWith(TEMPORARY_PREFIX) && dirname(resolve(folder)) === resolve(tmpdir());
}
