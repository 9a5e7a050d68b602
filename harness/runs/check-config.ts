/** The preflight alone: does this config describe this endpoint? */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { ResolvedConfig } from '../config/resolve.ts';
import { openStage } from '../environment/open-stage.ts';
import type { PreflightResult } from '../preflight/preflight.ts';
import { preflightOf } from './preflight.ts';

/** Starts what the config says is to be started, and nothing that disturbs. Throws where the endpoint cannot be reached at all. */
export async function checkConfig(
  config: ResolvedConfig,
  { signal }: { readonly signal: AbortSignal },
): Promise<PreflightResult> {
  const dir = await mkdtemp(join(tmpdir(), 'onceproof-check-'));
  try {
    const runId = randomBytes(4).toString('hex');
    const stage = await openStage({ config, proxy: 'embedded', store: 'auto', seed: 1, runId, dir });
    try {
      return await preflightOf({ stage, config, triesInFlight: true, signal });
    } finally {
      await stage.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
