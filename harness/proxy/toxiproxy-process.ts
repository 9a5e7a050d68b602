/** A real Toxiproxy as a program: found, started, ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { harnessError } from '../base/errors.ts';
import { findProgram, packageRoot } from '../base/program.ts';
import { toxiproxyVersion } from './toxiproxy-api.ts';

const PROGRAM = 'toxiproxy-server';
const START_MS = 10_000;
const STOP_MS = 5_000;

/** The program: in `.tools/bin` of the package, or on the PATH; undefined when neither is there. */
export function findToxiproxy(): string | undefined {
  return findProgram(PROGRAM, [join(packageRoot(), '.tools', 'bin', PROGRAM)]);
}

export interface RunningToxiproxy {
  /** Of its API, without a slash at the end. */
  readonly url: string;
  readonly version: string;
  readonly pid: number;
  /** How it ended and what it said last, when nobody had told it to; undefined while it runs. */
  death(): string | undefined;
  /** Ends the program; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Told of the process as soon as there is one, and when it has ended. */
export interface ProcessWatch {
  readonly started: (pid: number) => void;
  readonly ended: (pid: number) => void;
}

/** Starts Toxiproxy on a free port of 127.0.0.1 and waits until it answers. Throws `HarnessError` toxiproxy-start. */
export async function startToxiproxy(program: string, watch?: ProcessWatch): Promise<RunningToxiproxy> {
  try {
    return await startOnce(program, watch);
  } catch {
    // Between finding a free port and its use somebody else may have taken it.
    return startOnce(program, watch);
  }
}

async function startOnce(program: string, watch?: ProcessWatch): Promise<RunningToxiproxy> {
  const port = await freePort();
  const child = spawn(program, ['-host', '127.0.0.1', '-port', String(port), '-proxy-metrics'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C goes to the whole terminal group, and the run still heals after it.
    detached: process.platform !== 'win32',
  });
  const { pid } = child;
  if (pid !== undefined) {
    watch?.started(pid);
    child.once('exit', () => watch?.ended(pid));
  }
  // Go's runtime says there why it gave up; the rest of a panic is a long list of goroutines.
  let panic: string | undefined;
  createInterface(child.stderr).on('line', (line) => {
    if (/^(panic|fatal error|SIG[A-Z]+): /.test(line)) panic ??= line;
  });
  let gone: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      gone = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      gone ??= `it ended with ${signal ?? `code ${code}`}`;
      resolve();
    });
  });
  // A harness that ends without stopping it must not leave it behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  void exited.then(() => process.off('exit', kill));
  const url = `http://127.0.0.1:${port}`;
  const end = Date.now() + START_MS;
  for (;;) {
    if (gone !== undefined || Date.now() > end) {
      child.kill('SIGKILL');
      await exited;
      const found = gone ?? `no answer within ${START_MS} ms`;
      throw harnessError('toxiproxy-start', 'Toxiproxy does not start', {
        field: program,
        expected: 'an API',
        found,
      });
    }
    try {
      const version = await toxiproxyVersion(url);
      return {
        url,
        version,
        pid: child.pid ?? 0,
        death: () => (gone === undefined ? undefined : [gone, panic].filter(Boolean).join(': ')),
        stop: () => stop(child, exited),
      };
    } catch {
      await Promise.race([sleep(20), exited]);
    }
  }
}

async function stop(child: ReturnType<typeof spawn>, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  return typeof address === 'object' && address !== null ? address.port : 0;
}
