/** Runs a test script in either engine and gathers what comes out. */
import { fileURLToPath } from 'node:url';

import { runEmbedded } from '../../harness/engine/embedded.ts';
import { findK6, runK6 } from '../../harness/engine/k6-process.ts';
import type { EngineOptions, EngineResult } from '../../harness/engine/types.ts';

export interface Outcome {
  readonly result: EngineResult;
  /** History lines, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly log: string;
}

export type RunOptions = Partial<Omit<EngineOptions, 'script'>>;

export const k6 = findK6();

/** Reason in a test's title when there is no k6 to compare with. */
export const withoutK6 = k6 === undefined ? ' (skipped: no k6 on the PATH)' : '';

export function scriptPath(name: string): string {
  return fileURLToPath(new URL(`./scripts/${name}`, import.meta.url));
}

export async function run(
  engine: 'embedded' | 'k6',
  script: string,
  options: RunOptions = {},
): Promise<Outcome> {
  const lines: Record<string, unknown>[] = [];
  const log: string[] = [];
  const given: EngineOptions = {
    env: {},
    ...options,
    script: scriptPath(script),
    onLine: (line) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
      options.onLine?.(line);
    },
    onLog: (level, text) => log.push(`${level}: ${text}`),
  };
  const result = engine === 'embedded' ? await runEmbedded(given) : await runK6({ ...given, k6: k6 ?? 'k6' });
  return { result, lines, log: log.join('\n') };
}
