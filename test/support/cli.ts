/** Runs the command line as a user would: as a program of its own, from the sources or from a build that is named. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Verdict } from '../../harness/model/verdict.ts';

export const projectRoot = resolve(import.meta.dirname, '../..');

/** `npm run verify` has just built it, and names the build: the compiler need not run again for every command. */
const BUILT = process.env['ONCEPROOF_BUILT_CLI'];
/** What Node is given to be the command line; its last word is the file. */
export const PROGRAM: readonly string[] =
  BUILT === undefined
    ? ['--import', import.meta.resolve('tsx'), join(projectRoot, 'harness/cli.ts')]
    : [BUILT];

export interface CliResult {
  /** Exit code; null when it was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process once it runs, e.g. to send it a signal. */
  readonly onStart?: (child: ChildProcess) => void;
  /** What was printed so far, at each piece. */
  readonly onStdout?: (text: string, child: ChildProcess) => void;
}

/** Ends by itself; its output is kept whole. */
export function onceproof(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child: ChildProcess = spawn(process.execPath, [...PROGRAM, ...args], {
    cwd: options.cwd ?? projectRoot,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
    options.onStdout?.(stdout, child);
  });
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  options.onStart?.(child);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

/** A run whose verdict is wanted: `--json`, and what it printed when that is no verdict. */
export function runForVerdict(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult & { readonly verdict: Verdict }> {
  return verdictOf(['run', ...args], options);
}

/** As `runForVerdict`, for any command that judges: its name comes first. */
export async function verdictOf(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult & { readonly verdict: Verdict }> {
  const result = await onceproof([...args, '--json'], options);
  if (result.code === 3) throw new Error(`the harness could not work: ${result.stderr.slice(-2000)}`);
  try {
    return { ...result, verdict: JSON.parse(result.stdout) as Verdict };
  } catch {
    throw new Error(
      `no verdict (exit ${result.code}): ${result.stderr.slice(-2000)}${result.stdout.slice(-500)}`,
    );
  }
}

export interface ProbedRow {
  readonly name: string;
  readonly standing: string;
  readonly observed?: { readonly text: string };
}

/** The rows of a probe. Throws where none was kept. */
export async function probedRows(
  target: string,
  out: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly ProbedRow[]> {
  const { stdout, stderr } = await onceproof(['probe', '--target', target, '--json', '--out', out], { env });
  const rows = stdout === '' ? [] : (JSON.parse(stdout) as { readonly rows: readonly ProbedRow[] }).rows;
  if (!rows.some(({ standing }) => standing === 'kept')) throw new Error(`nothing was seen: ${stderr}`);
  return rows;
}

/** Those in which an endpoint does otherwise than its config promises, with what it did. */
export function brokenOf(rows: readonly ProbedRow[]): readonly string[] {
  return rows
    .filter(({ standing }) => standing === 'broken')
    .map(({ name, observed }) => `${name}: ${observed?.text ?? ''}`);
}

/** A folder for the runs of one test, removed with `remove`. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Seeds 1 to n, n from an environment variable (the prove command asks for more). */
export function seedsFrom(variable: string, fallback: number): readonly number[] {
  const count = Number(process.env[variable] ?? fallback);
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** One line for the log of a failing run: what the verdict rests on. */
export function told(verdict: Verdict): string {
  const violations = verdict.violations.slice(0, 3).map(({ rule, summary }) => `${rule}: ${summary}`);
  const missed = verdict.coverage
    .filter(({ required, count }) => required && count === 0)
    .map(({ name }) => name);
  return JSON.stringify({ verdict: verdict.verdict, reasons: verdict.reasons, violations, missed });
}
