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
import { printed, sourceOf, type Row, type RowOutcome } from './row.ts';

const RECORDING = fileURLToPath(new URL('../recorded/rows.ndjson', import.meta.url));

export async function playRow(engine: 'embedded' | 'k6', row: Row): Promise<RowOutcome> {
  const server = await startServer();
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
  const probes = new Map<string, string[]>();
  const script = join(folder, 'row.js');
  writeFileSync(script, sourceOf(row));
  const given: EngineOptions = {
    script,
    env: { BASE_URL: server.url },
    onLine: (line) => {
      const { probe, v } = JSON.parse(line) as { probe: string; v: unknown };
      const values = probes.get(probe) ?? [];
      values.push(printed(v));
      probes.set(probe, values);
    },
  };
  try {
    const result =
      engine === 'embedded' ? await runEmbedded(given) : await runK6({ ...given, k6: k6 ?? 'k6' });
    return {
      exitCode: result.exitCode,
      iterations: result.iterations,
      probes: Object.fromEntries([...probes].map(([name, values]) => [name, values.toSorted()])),
      crossed: result.thresholds
        .filter(({ ok }) => !ok)
        .map(({ metric, expression }) => `${metric} ${expression}`)
        .toSorted(),
    };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

/** What the real k6 did, by title. */
export function recordedRows(): Map<string, RowOutcome> {
  const lines = readFileSync(RECORDING, 'utf8').trimEnd().split('\n');
  return new Map(
    lines.map((line) => {
      const { title, ...outcome } = JSON.parse(line) as RowOutcome & { title: string };
      return [title, outcome];
    }),
  );
}

export function writeRows(outcomes: ReadonlyMap<string, RowOutcome>): void {
  const lines = [...outcomes].map(([title, outcome]) => `${JSON.stringify({ title, ...outcome })}\n`);
  writeFileSync(RECORDING, lines.join(''));
}
