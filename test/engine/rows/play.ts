/** Plays a row on an engine against a server of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runEmbedded } from '../../../harness/engine/embedded.ts';
import { runK6 } from '../../../harness/engine/k6-process.ts';
import type { EngineOptions } from '../../../harness/engine/types.ts';
import { k6 } from '../run.ts';
import { startServer } from '../server.ts';
import { startTlsServer } from '../tls-server.ts';
import type { Difference } from './differences.ts';
import { isAlone, printed, sourceOf, type Row, type RowOutcome } from './row.ts';

/** Rows in which both engines do the same, and those in which they do not. */
export type Recording = 'rows' | 'differences';

function fileOf(recording: Recording): string {
  return fileURLToPath(new URL(`../recorded/${recording}.ndjson`, import.meta.url));
}

/** So long a row that never gives its thread back may compute. */
const STALL_MS = 3_000;

/** Plays rows in one run, or one that is a script of its own. By title. */
export async function playRows(
  engine: 'embedded' | 'k6',
  rows: readonly Row[],
  { env, ...more }: Partial<EngineOptions> = {},
): Promise<Map<string, RowOutcome>> {
  const server = await startServer();
  const secure = rows.some(({ isSecure }) => isSecure === true) ? await startTlsServer() : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
  const probes = rows.map(() => new Map<string, string[]>());
  const script = join(folder, 'rows.js');
  writeFileSync(script, sourceOf(rows));
  const note = (row: number, probe: string, value: string): void => {
    const values = probes[row]?.get(probe) ?? [];
    values.push(value);
    probes[row]?.set(probe, values);
  };
  const given: EngineOptions = {
    script,
    ...more,
    env: {
      BASE_URL: server.url,
      ...(secure && { TLS_URL: secure.url, TLS_CERT: secure.client.cert, TLS_KEY: secure.client.key }),
      ...env,
    },
    // What the console makes of values: rows that look at that are alone.
    onLog: (_level, text) => {
      if (text.startsWith('printed ')) note(0, 'printed', text.slice('printed '.length));
    },
    onLine: (line) => {
      const { row = 0, probe, v } = JSON.parse(line) as { row?: number; probe: string; v: unknown };
      note(row, probe, printed(v));
    },
  };
  try {
    const result =
      engine === 'embedded' ? await runEmbedded(given) : await runK6({ ...given, k6: k6 ?? 'k6' });
    const crossed = result.thresholds
      .filter(({ ok }) => !ok)
      .map(({ metric, expression }) =>
        `${metric} ${expression}`.replaceAll(server.url.slice(7), '127.0.0.1:PORT'),
      )
      .toSorted();
    return new Map(
      rows.map(({ title }, index) => [
        title,
        {
          exitCode: result.exitCode,
          iterations: result.iterations / rows.length,
          probes: Object.fromEntries(
            [...(probes[index] ?? [])].map(([name, values]) => [name, values.toSorted()]),
          ),
          crossed,
        },
      ]),
    );
  } finally {
    await server.close();
    await secure?.close();
    rmSync(folder, { recursive: true });
  }
}

/** Plays one by itself. A run that k6 itself gives up has its exit code for an outcome, and nothing else. */
export async function playDifference(
  engine: 'embedded' | 'k6',
  { ours: _ours, ...row }: Difference,
): Promise<RowOutcome | undefined> {
  try {
    return (await playRows(engine, [row], { stallMs: STALL_MS })).get(row.title);
  } catch (error) {
    const code = /exit code (\d+)/.exec(String(error))?.[1];
    if (code === undefined) throw error;
    return { exitCode: Number(code), iterations: 0, probes: {}, crossed: [] };
  }
}

/** Rows as they are played: all that can be are in one run. */
export function runsOf(rows: readonly Row[]): (readonly Row[])[] {
  const together = rows.filter((row) => !isAlone(row));
  return [...partsOf(together), ...rows.filter(isAlone).map((row) => [row])].filter((run) => run.length > 0);
}

/** A script that blocks has a thread for each row, and there are 64 of them. */
const MOST_TOGETHER = 40;

function partsOf(rows: readonly Row[]): (readonly Row[])[] {
  const parts: (readonly Row[])[] = [];
  for (let at = 0; at < rows.length; at += MOST_TOGETHER) parts.push(rows.slice(at, at + MOST_TOGETHER));
  return parts;
}

/** What the real k6 did, by title. */
export function recordedRows(recording: Recording): Map<string, RowOutcome> {
  const lines = readFileSync(fileOf(recording), 'utf8').trimEnd().split('\n');
  return new Map(
    lines.map((line) => {
      const { title, ...outcome } = JSON.parse(line) as RowOutcome & { title: string };
      return [title, outcome];
    }),
  );
}

export function writeRows(recording: Recording, outcomes: ReadonlyMap<string, RowOutcome>): void {
  const lines = [...outcomes].map(([title, outcome]) => `${JSON.stringify({ title, ...outcome })}\n`);
  writeFileSync(fileOf(recording), lines.join(''));
}
