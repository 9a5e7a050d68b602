/** A hook that fails in the middle of a sweep is the harness's failure: one line, exit code 3, and no verdict. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onceproof, projectRoot, temporaryFolder } from '../support/cli.ts';
import { NO_REDIS, startRedis, type RunningRedis } from '../support/redis.ts';

const noPython = spawnSync('python3', ['--version']).status === 0 ? undefined : 'python3 is not installed';
const missing = NO_REDIS ?? noPython;
const example = join(projectRoot, 'examples/python-redis');

describe.skipIf(missing !== undefined)(
  `a hook that fails${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const out = temporaryFolder();
    let redis: RunningRedis;
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(async () => {
      await redis.stop();
      out.remove();
    });

    /** The example's config, whose hook fails from the n-th call on. */
    function configWith(hook: 'provision' | 'ledger', from: number): string {
      const file = join(out.path, `${hook}.config.mjs`);
      writeFileSync(
        file,
        `import base from ${JSON.stringify(join(example, 'onceproof.config.ts'))};
let calls = 0;
export default {
  ...base,
  service: { ...base.service, command: ['python3', ${JSON.stringify(join(example, 'service.py'))}] },
  hooks: {
    ...base.hooks,
    async ${hook}(asked) {
      if (++calls >= ${from}) throw new Error('the books are closed');
      return await base.hooks.${hook}(asked);
    },
  },
};
`,
      );
      return file;
    }

    // The baseline makes 5 customers and more; the schedules' own come behind them.
    test.each([
      ['provision', 12],
      ['ledger', 14],
    ] as const)('%s, in the middle', async (hook, from) => {
      const args = ['sweep', '--target', configWith(hook, from), '--out', out.path];
      const { code, stdout, stderr } = await onceproof(args, { env: { REDIS: `127.0.0.1:${redis.port}` } });
      expect([code, stdout], stderr).toEqual([3, '']);
      const lines = stderr
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('preflight: '));
      expect(lines, stderr).toHaveLength(1);
      expect(lines[0]).toContain('the books are closed');
      expect(lines[0]).toContain(hook === 'provision' ? 'hook' : 'ledger');
    });
  },
);
