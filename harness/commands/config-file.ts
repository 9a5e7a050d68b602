/** The config that a command works by. */

import { existsSync } from 'node:fs';
import { usageError } from '../base/errors.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import type { Terminal } from './terminal.ts';

/** In the order in which they are looked for. */
export const CONFIG_NAMES = [
  'onceproof.config.ts',
  'onceproof.config.js',
  'onceproof.config.mjs',
  'onceproof.config.json',
  'onceproof.config.yaml',
  'onceproof.config.yml',
] as const;

/** A config with its path: the one that was named, else the one that lies here, else none. */
export async function configOf(
  file: string | undefined,
  env: Terminal['env'],
  allowHosts: readonly string[] = [],
): Promise<{ readonly config: ResolvedConfig; readonly configFile: string } | undefined> {
  const found = file ?? CONFIG_NAMES.find((name) => existsSync(name));
  if (found === undefined) return undefined;
  return { config: await configAt(found, env, allowHosts), configFile: found };
}

/** Throws a usage error for a file that is not there or is no config. */
export async function configAt(
  file: string,
  env: Terminal['env'],
  allowHosts: readonly string[] = [],
): Promise<ResolvedConfig> {
  if (!existsSync(file))
    throw usageError('config', 'no such file', { field: '--target', expected: 'a config file', found: file });
  // Only now: esbuild comes with it.
  const { loadConfig } = await import('../config/load.ts');
  return await loadConfig(file, { env, allowHosts });
}
