/** Starts the reference server as the program that it is, and runs scripts on either engine. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { runEmbedded } from '../../harness/engine/embedded.ts';
import { findK6, runK6 } from '../../harness/engine/k6-process.ts';
import type { EngineResult } from '../../harness/engine/types.ts';
import type { HistoryEvent } from '../../harness/history/events.ts';
import { programArguments } from '../../harness/base/program.ts';

export const HOOKS_TOKEN = 'hooks-secret';

export interface Server {
  /** What a script is told of this server. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts a reference server on free ports, in memory. */
export async function startServer(...flags: readonly string[]): Promise<Server> {
  const { command, args } = programArguments('reference-server/main');
  const own = ['--port', '0', '--hooks-port', '0', '--hooks-token', HOOKS_TOKEN, '--token', 'admin-secret'];
  const child = spawn(command, [...args, ...own, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const lines = createInterface({ input: child.stdout });
  const first = await new Promise<{ url: string; hooksUrl: string }>((resolve, reject) => {
    lines.once('line', (line) => resolve(JSON.parse(line) as { url: string; hooksUrl: string }));
    child.once('close', () => reject(new Error(`the reference server ended: ${errors}`)));
  });
  return {
    env: {
      BASE_URL: first.url,
      HOOKS_URL: first.hooksUrl,
      HOOKS_TOKEN,
      BACKOFF_FACTOR: '0.02',
      TIMEOUT_MS: '1000',
    },
    close: async () => {
      child.kill();
      await closed;
    },
  };
}

export interface Played extends EngineResult {
  readonly events: readonly HistoryEvent[];
  /** All else that the script and the engine said. */
  readonly log: string;
  /** Sum of a Counter; 0 when nothing was counted. */
  readonly counted: (metric: string) => number;
}

/** The real k6, where it is on the PATH. */
export const k6 = findK6();

/** Runs a bundled scenario, or a script of the fixtures by its file name. */
export async function play(
  script: string,
  env: Readonly<Record<string, string>>,
  engine: 'embedded' | 'k6' = 'embedded',
): Promise<Played> {
  const events: HistoryEvent[] = [];
  const log: string[] = [];
  const options = {
    script: pathOf(script),
    env,
    onLine: (line: string) => void events.push(JSON.parse(line) as HistoryEvent),
    onLog: (_level: string, text: string) => void log.push(text),
  };
  const result = engine === 'k6' ? await runK6({ ...options, k6: k6 ?? 'k6' }) : await runEmbedded(options);
  return {
    ...result,
    events,
    log: log.join('\n'),
    counted: (metric) => result.metrics[metric]?.['count'] ?? 0,
  };
}

function pathOf(script: string): string {
  const folder = script.endsWith('.js') ? './fixtures/' : '../../scenarios/';
  return fileURLToPath(new URL(folder + (script.endsWith('.js') ? script : `${script}.ts`), import.meta.url));
}
