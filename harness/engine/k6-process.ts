/** Runs a script with the real k6, a program that the user installed, as a child process. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

import { harnessError } from '../base/errors.ts';
import { Exceptions } from './exceptions.ts';
import type { SegmentOptions } from '../model/segment.ts';
import { blockedRanges } from './k6-hosts.ts';
import { isHistoryLine } from './k6/console.ts';
import { readSummary } from './k6-summary.ts';
import { Tail } from './tail.ts';
import { EXIT, type EngineOptions, type EngineResult } from './types.ts';

export interface K6Options extends EngineOptions {
  /** The program, as a path or a name on the PATH. */
  readonly k6: string;
}

/** How often the console file is read. */
const TAIL_MS = 40;
/** After the first SIGINT k6 runs teardown and handleSummary; after this it is made to stop. */
const GRACE_MS = 75_000;
/** After the second SIGINT, which ends k6 at once. */
const KILL_MS = 5_000;
/** So much of k6's own output is kept. */
const OUTPUT_BYTES = 256 * 1024;

/** So many of k6's last lines tell what is wrong with a config. */
const REASON_LINES = 8;

/** Exit codes that say how a run went; all others mean that k6 itself failed. */
const RUN_CODES: readonly number[] = [0, 97, 98, 99, 100, 101, 102, 103, 104, 105, 107, 108, 110];

/**
 * The k6 program: `program` as a path, or as a name (default `k6`) looked up on this process's PATH, as the shell would.
 * Undefined when there is none.
 */
export function findK6(program = 'k6'): string | undefined {
  if (program.includes('/')) return isProgram(program) ? program : undefined;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Runs the script to its end. History lines arrive while it runs. Throws a HarnessError when k6 cannot be started or dies. */
export async function runK6(options: K6Options): Promise<EngineResult> {
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-k6-'));
  options.leftovers?.addFolder(folder);
  try {
    const blocked = options.allowedHosts === undefined ? [] : await blockedRanges(options.allowedHosts);
    return await new K6Run(options, folder, blocked).toEnd();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class K6Run {
  private readonly options: K6Options;
  /** Ranges of addresses. */
  private readonly blocked: readonly string[];
  private readonly folder: string;
  private readonly consoleFile: string;
  private readonly summaryFile: string;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly startedAt = performance.now();
  private stdout = '';
  private errors: string[] = [];
  private readonly exceptions = new Exceptions();
  private thrown: string | undefined = undefined;
  private wasStopped = false;
  private failure: unknown = undefined;

  constructor(options: K6Options, folder: string, blocked: readonly string[]) {
    this.blocked = blocked;
    this.options = options;
    this.folder = folder;
    this.consoleFile = join(folder, 'console.ndjson');
    this.summaryFile = join(folder, 'summary.json');
  }

  async toEnd(): Promise<EngineResult> {
    // k6 appends to it; it must be there to be read from the start.
    writeFileSync(this.consoleFile, '');
    const tail = new Tail(this.consoleFile, (line) => this.onConsole(line));
    const child = this.start();
    const read = (): void => {
      try {
        if (this.failure === undefined) tail.read();
      } catch (error) {
        // The caller cannot take the lines any more: the run is worth nothing.
        this.failure = error;
        child.kill('SIGKILL');
      }
    };
    const reading = setInterval(read, TAIL_MS);
    try {
      const exit = await exited(child, this.options.k6);
      if (this.failure !== undefined) throw this.failure;
      this.onTorn(tail.end());
      return this.result(exit);
    } finally {
      clearInterval(reading);
      for (const timer of this.timers) clearTimeout(timer);
    }
  }

  private start(): ChildProcess {
    const { k6, signal, cut, leftovers } = this.options;
    const child = spawn(k6, this.args(), {
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own group: a terminal's Ctrl-C reaches k6 once, by this process, and not twice, which would cut its teardown.
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) leftovers?.addChild('k6', pid);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.onStdout(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.onStderr(text));
    const onAbort = (): void => this.stop(child);
    const onExit = (): void => void child.kill('SIGKILL');
    const onCut = (): void => {
      this.stop(child);
      // To k6 the second one means at once.
      this.timers.push(setTimeout(() => child.kill('SIGINT'), KILL_MS));
    };
    signal?.addEventListener('abort', onAbort);
    cut?.addEventListener('abort', onCut);
    process.once('exit', onExit);
    child.once('close', () => {
      signal?.removeEventListener('abort', onAbort);
      cut?.removeEventListener('abort', onCut);
      process.off('exit', onExit);
      if (pid !== undefined) leftovers?.dropChild(pid);
    });
    if (signal?.aborted === true) onAbort();
    return child;
  }

  private args(): string[] {
    const { vus, duration, iterations } = this.options.overrides ?? {};
    const flags = { '--vus': vus, '--duration': duration, '--iterations': iterations };
    const { segment } = this.options.overrides ?? {};
    const given = this.options.overrides?.rate === undefined ? Object.entries(flags) : [];
    return [
      'run',
      '--no-color',
      '--log-format=raw',
      `--console-output=${this.consoleFile}`,
      `--summary-export=${this.summaryFile}`,
      ...(this.blocked.length === 0 ? [] : [`--blacklist-ip=${this.blocked.join(',')}`]),
      ...Object.entries(this.options.env)
        .filter(([name]) => isK6Setting(name))
        .flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      ...(segment === undefined ? [] : segmentFlags(segment)),
      ...given.filter(([, value]) => value !== undefined).map(([flag, value]) => `${flag}=${value}`),
      this.script(),
    ];
  }

  /** The script's environment as k6's own: it is not seen in the process list, as arguments are. */
  private environment(): Record<string, string> {
    const values = Object.entries(this.options.env).filter(([name]) => !isK6Setting(name));
    return {
      ...Object.fromEntries(values),
      // No settings of this machine's user: the run is the script's.
      HOME: this.folder,
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
    };
  }

  /** k6 has no flag for a rate: a script around the script sets it. */
  private script(): string {
    const { script, overrides } = this.options;
    if (overrides?.rate === undefined) return script;
    const scenario = {
      executor: 'constant-arrival-rate',
      rate: overrides.rate,
      duration: overrides.duration ?? '30s',
      preAllocatedVUs: overrides.vus ?? Math.max(1, overrides.rate),
    };
    const wrapper = join(this.folder, `rate-${basename(script)}`);
    writeFileSync(wrapper, rateWrapper(script, scenario));
    return wrapper;
  }

  private onConsole(line: string): void {
    if (isHistoryLine(line)) this.options.onLine(line);
    else this.options.onLog?.('info', line);
  }

  /** A last line without its end: k6 was killed while it wrote. */
  private onTorn(rest: string | undefined): void {
    if (rest === undefined) return;
    if (isJson(rest)) this.onConsole(rest);
    else
      this.options.onLog?.(
        'warning',
        `the last line of k6's console output is torn and was left out: ${rest.slice(0, 80)}`,
      );
  }

  private onStdout(text: string): void {
    if (this.stdout.length < OUTPUT_BYTES) this.stdout += text;
    const [, vus, iterations] = [...text.matchAll(/\), (\d+)\/\d+ VUs, (\d+) complete/g)].at(-1) ?? [];
    if (vus === undefined || iterations === undefined) return;
    // All that k6 tells while it runs; requests are known at the end only.
    this.options.onProgress?.({
      elapsedMs: performance.now() - this.startedAt,
      iterations: Number(iterations),
      vus: Number(vus),
      inFlight: 0,
      requests: 0,
      dropped: 0,
    });
  }

  private onStderr(text: string): void {
    for (const line of text.split('\n').filter((part) => part.trim() !== '')) {
      this.countException(line);
      if (this.errors.length < 1_000) this.errors.push(line);
      this.options.onLog?.('warning', line);
    }
  }

  /** An exception of the script is a line, then one with a tab for each place; told when its first place is known. */
  private countException(line: string): void {
    if (line.startsWith('\tat ') && this.thrown !== undefined) this.exceptions.add(`${this.thrown}\n${line}`);
    this.thrown = line.startsWith('\t') ? undefined : line;
  }

  /** Ctrl-C: k6 ends the iterations and still runs teardown and handleSummary. */
  private stop(child: ChildProcess): void {
    this.wasStopped = true;
    child.kill('SIGINT');
    this.timers.push(setTimeout(() => child.kill('SIGINT'), GRACE_MS));
    this.timers.push(setTimeout(() => child.kill('SIGKILL'), GRACE_MS + KILL_MS));
  }

  private result({ code, signal }: Exit): EngineResult {
    const exitCode = code ?? (this.wasStopped ? EXIT.signal : -1);
    if (!RUN_CODES.includes(exitCode)) {
      throw harnessError('k6-failed', 'k6 did not run to its end', {
        field: this.options.k6,
        expected: 'an exit code of a test run',
        found: signal ?? `exit code ${exitCode}: ${this.errors.at(-1) ?? ''}`,
      });
    }
    const summary = readSummary(
      existsSync(this.summaryFile) ? readFileSync(this.summaryFile, 'utf8') : undefined,
    );
    return {
      engine: 'k6',
      exitCode,
      ...(exitCode === EXIT.ok ? {} : { reason: this.reason(exitCode) }),
      ...summary,
      ...(this.exceptions.all && { exceptions: this.exceptions.all }),
      stdout: this.stdout,
    };
  }

  private reason(exitCode: number): string {
    // A wrong config is told over several lines.
    const told =
      exitCode === EXIT.config
        ? this.errors.slice(-REASON_LINES).join(' ')
        : this.errors.findLast((line) => !line.startsWith('\t'));
    return told === undefined || told === ''
      ? `k6 ended with exit code ${exitCode}`
      : told.replace(/\s+/g, ' ').trim();
  }
}

function segmentFlags({ executionSegment, executionSegmentSequence }: SegmentOptions): string[] {
  return [
    `--execution-segment=${executionSegment}`,
    ...(executionSegmentSequence === undefined
      ? []
      : [`--execution-segment-sequence=${executionSegmentSequence}`]),
  ];
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function exited(child: ChildProcess, program: string): Promise<Exit> {
  return await new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(
        harnessError('k6-not-started', 'k6 cannot be started', {
          field: program,
          found: cause.message,
          cause,
        }),
      );
    });
    // `close`, not `exit`: by then all output has been read.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Names that k6 would take for settings of its own. */
function isK6Setting(name: string): boolean {
  return name.startsWith('K6_') || name === 'HOME' || name === 'SSLKEYLOGFILE';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function rateWrapper(script: string, scenario: object): string {
  const name = JSON.stringify(script);
  return [
    `import * as script from ${name};`,
    `export * from ${name};`,
    `export { default } from ${name};`,
    `const { vus, duration, iterations, stages, ...kept } = script.options ?? {};`,
    `export const options = { ...kept, scenarios: { default: ${JSON.stringify(scenario)} } };`,
    '',
  ].join('\n');
}
