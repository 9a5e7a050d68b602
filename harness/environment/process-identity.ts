/** Whether a process id still means the process that we started: ids are used again, start times are not. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process by its id and the moment it began. */
export interface ProcessIdentity {
  readonly pid: number;
  /** As the operating system tells it (Linux: ticks since boot with the boot's id); an opaque text. */
  readonly startedAt: string;
}

/** The identity of a running process; undefined when there is none, it is a zombie, or the system does not tell. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether that very process still runs. */
export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  return identityOf(pid)?.startedAt === startedAt;
}

/** Whether any process has that id now. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Sends a signal to that very process, or to the group that it leads, never to a stranger with its id. True when it was sent. */
export function signalProcess(
  identity: ProcessIdentity & { readonly isGroup?: boolean },
  signal: NodeJS.Signals,
): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.isGroup === true ? -identity.pid : identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold blanks and parentheses: fields are counted from the last one (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}/${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

function psStart(pid: number): string | undefined {
  if (process.platform === 'win32') return undefined;
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const text = stdout?.trim();
  return status === 0 && text ? text : undefined;
}
