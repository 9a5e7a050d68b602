/** The bundled reference server, started as a program: one process with one replica (Redis) or with several (memory). */

import { harnessError, usageError } from '../base/errors.ts';
import { bundledProgram } from './bundled-program.ts';
import { startChild, type Child } from './child.ts';
import type { Keeper } from './keeper.ts';
import { readServerEvent, type ServerEvent, type ServerListener } from './server-events.ts';
import { until } from './store.ts';

/** The program's exit code for a wrong flag. */
const EXIT_USAGE = 4;
/** How long a server may take until it listens. ms. */
const LISTEN_LIMIT_MS = 30_000;

/** Settings of the server program, by the name of its flag; undefined ones are left to its defaults. */
export type ServerFlags = Readonly<Record<string, string | number | undefined>>;

export interface ServerProgramOptions {
  readonly name: string;
  readonly flags: ServerFlags;
  /** How many replicas this process listens for. */
  readonly replicaCount: number;
  readonly keeper: Keeper;
  readonly onEvent: ServerListener;
  readonly onLog: (text: string) => void;
}

export type Listening = Extract<ServerEvent, { event: 'listening' }>;

export interface ServerProgram {
  readonly child: Child;
  /** By replica, in order. */
  readonly listening: readonly Listening[];
}

/** Starts the program and waits until all its replicas listen; throws, with its last words, when it ends before. */
export async function startServerProgram(options: ServerProgramOptions): Promise<ServerProgram> {
  const { command, args } = await bundledProgram('reference-server/main');
  const listening: Listening[] = [];
  const child = await startChild({
    name: options.name,
    command,
    args: [...args, ...flagArguments(options.flags)],
    keeper: options.keeper,
    onLog: options.onLog,
    onLine: (line) => {
      const event = readServerEvent(line);
      if (event?.event === 'listening') listening.push(event);
      if (event) options.onEvent(event);
      else options.onLog(`${line}\n`);
    },
  });
  const isReady = (): boolean => listening.length >= options.replicaCount;
  await until(async () => isReady() || child.hasExited(), LISTEN_LIMIT_MS);
  if (!isReady() || child.hasExited()) {
    const isRefused = child.hasExited() && (await child.exited).code === EXIT_USAGE;
    await child.end(0);
    // The server has said in one line which of its flags is wrong; they come from the user.
    if (isRefused) throw usageError('server_flag', child.lastLog());
    throw harnessError('server_start_failed', `${options.name} did not come up: ${child.lastLog()}`, {
      expected: `${options.replicaCount} listening replica(s)`,
      found: listening.length,
    });
  }
  return { child, listening: listening.toSorted((a, b) => a.replica - b.replica) };
}

function flagArguments(flags: ServerFlags): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}
