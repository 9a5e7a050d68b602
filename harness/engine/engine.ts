/** Chooses the engine and says which it took. */
import { usageError } from '../base/errors.ts';
import { findK6 } from './k6-process.ts';
import type { EngineOptions, EngineResult } from './types.ts';

export type EngineKind = 'auto' | 'embedded' | 'k6';

/** An engine that is there: the real k6 with its program, or the embedded one. */
export type ChosenEngine = { readonly engine: 'embedded' } | { readonly engine: 'k6'; readonly k6: string };

/** `auto` takes k6 where it is on the PATH (or at `program`), else the embedded engine. Throws when `k6` is asked for and not there. */
export function chooseEngine(kind: EngineKind, program?: string): ChosenEngine {
  if (kind === 'embedded') return { engine: 'embedded' };
  const k6 = findK6(program);
  if (k6 !== undefined) return { engine: 'k6', k6 };
  if (kind === 'auto') return { engine: 'embedded' };
  throw usageError('no-k6', 'there is no k6 on the PATH', {
    field: '--engine k6',
    expected: 'an installed k6, or --engine embedded',
  });
}

/** Runs a script with the engine that was chosen; the result names it. */
export async function runEngine(
  kind: EngineKind,
  options: EngineOptions,
  program?: string,
): Promise<EngineResult> {
  const chosen = chooseEngine(kind, program);
  // Loaded late: the real k6 needs neither the bundler nor undici.
  if (chosen.engine === 'embedded') {
    const { runEmbedded } = await import('./embedded.ts');
    return await runEmbedded(options);
  }
  const { runK6 } = await import('./k6-process.ts');
  return await runK6({ ...options, k6: chosen.k6 });
}

export type { EngineOptions, EngineProgress, EngineResult } from './types.ts';
