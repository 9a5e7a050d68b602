/** The files that a script's `handleSummary` asked for. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { withoutSecrets } from '../base/secrets.ts';
import type { EngineOptions } from './types.ts';
import type { WrittenSummary } from './worker-task.ts';

/** Writes what `handleSummary` returned to the files it names, relative to the working directory, and gives its `stdout`. */
export function writeSummary(
  written: WrittenSummary,
  log: NonNullable<EngineOptions['onLog']>,
): string | undefined {
  let stdout: string | undefined;
  for (const [target, content] of Object.entries(written)) {
    const bytes = typeof content === 'string' ? content : Buffer.from(content);
    if (target === 'stdout') stdout = bytes.toString();
    else if (target === 'stderr') log('info', bytes.toString());
    else {
      mkdirSync(dirname(resolve(target)), { recursive: true });
      writeFileSync(target, typeof bytes === 'string' ? withoutSecrets(bytes) : bytes);
    }
  }
  return stdout;
}
