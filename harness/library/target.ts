/** The target that a program names: a config, the path of one, or none for the bundled server. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../base/errors.ts';
import { keepEnvironmentSecrets } from '../base/secrets.ts';
import type { AttackOptions, LoadedTarget } from './options.ts';

/** Undefined for the bundled server. Throws a usage error for a file that is not there or a config that is none. */
export async function targetOf({
  target,
  env = process.env,
  allowHosts = [],
}: Pick<AttackOptions, 'target' | 'env' | 'allowHosts'>): Promise<LoadedTarget | undefined> {
  keepEnvironmentSecrets(env);
  if (target === undefined) return undefined;
  if (typeof target === 'string') {
    if (!existsSync(target))
      throw usageError('config', 'no such file', {
        field: 'target',
        expected: 'a config, or the path of a config file',
        found: target,
      });
    // Only now: a bundler comes with it.
    const { loadConfig } = await import('../config/load.ts');
    return { config: await loadConfig(target, { env, allowHosts }), configFile: target };
  }
  const { resolveConfig } = await import('../config/resolve.ts');
  // Its commands run in the folder of the program.
  return { config: resolveConfig(target, { file: join(process.cwd(), 'target'), env, allowHosts }) };
}
