/** `onceproof serve`: the reference server alone, as processes of its own. */

import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { messageOf, harnessError } from '../base/errors.ts';
import { assertPlayed } from '../environment/played.ts';
import { programArguments } from '../base/program.ts';

export interface ServeOptions {
  readonly host: string;
  /** Of the first replica; the others take the ports after it. 0: free ones. */
  readonly port: number;
  readonly replicas: number;
  readonly store: string;
  readonly profile: string;
  readonly defect?: string;
  readonly token?: string;
  readonly hooksPort?: number;
  readonly hooksToken?: string;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const DEFAULT_REDIS = 'redis://127.0.0.1:6379';

/** Serves until the signal; gives the exit code: that of the first process that ended by itself, else 0. */
export async function serve(options: ServeOptions): Promise<number> {
  assertPlayed(options.profile);
  const secrets = {
    ONCEPROOF_TOKEN: options.token ?? randomBytes(16).toString('hex'),
    ONCEPROOF_HOOKS_TOKEN: options.hooksToken ?? randomBytes(16).toString('hex'),
  };
  const processes = argumentsOf(options).map((args) => start(args, secrets, options.say));
  if (options.token === undefined) options.say(`token for every customer: ${secrets.ONCEPROOF_TOKEN}`);
  if (options.hooksPort !== undefined && options.hooksToken === undefined) {
    options.say(`token of the test hooks: ${secrets.ONCEPROOF_HOOKS_TOKEN}`);
  }
  const stop = () => processes.forEach(({ child }) => child.kill('SIGTERM'));
  options.signal.addEventListener('abort', stop, { once: true });
  const codes = await Promise.all(
    processes.map(async ({ ended }) => {
      const code = await ended;
      // One replica that cannot be had means that the set was not what was asked for.
      stop();
      return code;
    }),
  );
  return options.signal.aborted ? 0 : (codes.find((code) => code !== 0) ?? 0);
}

/** The named wrong editions of the server, as JSON: what it says of itself when it is asked. */
export async function listedDefects(): Promise<string> {
  const { command, args } = programArguments('reference-server/main');
  const child = spawn(command, [...args, '--list-defects'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0)
    throw harnessError('serve', 'the reference server does not list its defects', { found: code });
  return text;
}

/** The named wrong editions of the server, a line each. */
export async function listDefects(): Promise<string> {
  const defects = JSON.parse(await listedDefects()) as readonly {
    name: string;
    description: string;
    rules?: readonly string[];
  }[];
  const width = Math.max(...defects.map(({ name }) => name.length));
  return defects.map(({ name, description }) => `${name.padEnd(width)}  ${description}`).join('\n');
}

/** One process with all replicas on a memory store, or one for each on Redis. */
function argumentsOf(options: ServeOptions): string[][] {
  const isMemory = options.store === 'memory';
  const store = options.store === 'redis' ? DEFAULT_REDIS : options.store;
  const common = ['--host', options.host, '--store', store, '--profile', options.profile];
  if (options.defect !== undefined) common.push('--defect', options.defect);
  const at = (base: number, index: number) => String(base === 0 ? 0 : base + index);
  const count = isMemory ? 1 : options.replicas;
  return Array.from({ length: count }, (_, index) => [
    ...common,
    ...['--port', at(options.port, index), '--replicas', String(isMemory ? options.replicas : 1)],
    ...(isMemory ? [] : ['--replica-index', String(index + 1)]),
    ...(options.hooksPort === undefined ? [] : ['--hooks-port', at(options.hooksPort, index)]),
  ]);
}

function start(
  args: readonly string[],
  secrets: Record<string, string>,
  say: (text: string) => void,
): { child: ChildProcess; ended: Promise<number> } {
  const program = programArguments('reference-server/main');
  const child = spawn(program.command, [...program.args, ...args], {
    env: { ...process.env, ...secrets },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) say(shown(line));
  });
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      say(`replica: ${messageOf(error)}`);
      resolve(3);
    });
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 0 : 3)));
  });
  return { child, ended };
}

function shown(line: string): string {
  try {
    const event = JSON.parse(line) as { event?: string; replica?: number; url?: string; hooksUrl?: string };
    if (event.event !== 'listening') return line;
    const hooks = event.hooksUrl === undefined ? '' : `, test hooks on ${event.hooksUrl}`;
    return `replica ${event.replica}: ${event.url}${hooks}`;
  } catch {
    return line;
  }
}
