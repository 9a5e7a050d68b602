import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SweepStand } from '../../harness/model/stand.ts';
import { referenceTarget } from '../../harness/model/target.ts';
import { curlScript, vitestFile, type Repro } from '../../harness/report/repro.ts';
import { temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const STAND: SweepStand = {
  id: 's7',
  kind: 'same-key',
  way: 'fresh',
  door: 'db',
  k: 3,
  name: "update it's\n points",
};

function reproOf(
  stand: Partial<SweepStand> = {},
  asked: Repro['asked'] = { configFile: "/a b/it's.ts" },
): Repro {
  return {
    stand: { ...STAND, ...stand, broken: ['double-debit'] },
    target: referenceTarget('http://127.0.0.1:1'),
    asked,
  };
}

/** Runs the script with programs of its own that only say what they were asked. */
function ran(repro: Repro, env: Readonly<Record<string, string>> = {}) {
  for (const name of ['npx', 'curl', 'uuidgen']) {
    const program = join(folder.path, name);
    // In one piece: two of them may run at once.
    writeFileSync(program, `#!/bin/sh\nsaid=$(printf '%s|' ${name} "$@")\nprintf '%s\\n' "$said"\n`);
    chmodSync(program, 0o755);
  }
  const script = join(folder.path, 'stand.sh');
  writeFileSync(script, curlScript(repro));
  const PATH = `${folder.path}${delimiter}${process.env['PATH'] ?? ''}`;
  const input = '\n'.repeat(10);
  return spawnSync('sh', [script], { encoding: 'utf8', input, env: { PATH, ...env } });
}

test.skipIf(process.platform === 'win32')(
  'without an address the script takes the stand again, doors and all',
  () => {
    const { stdout, stderr, status } = ran(reproOf());
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe("npx|onceproof|sweep|--target|/a b/it's.ts|--stand|same-key@db:3|\n");
  },
);

test.skipIf(process.platform === 'win32')(
  'a failure at the retry after a disturbance has a name of its own',
  () => {
    const after = { kind: 'cut-after', door: 'db', k: 2, name: 'insert' } as const;
    const repro = reproOf({ way: 'recovery', after }, { store: 'redis', defect: 'check-then-act' });
    const args = ['--store|redis|--defect|check-then-act|--stand|same-key@db:3/cut-after@db:2|'];
    expect(ran(repro).stdout).toBe(`npx|onceproof|sweep|${args.join('')}\n`);
    expect(vitestFile(repro)).toContain('"same-key@db:3/cut-after@db:2"');
  },
);

test.skipIf(process.platform === 'win32')(
  'with an address it sends the requests, and says where one stands',
  () => {
    const env = { BASE_URL: 'http://there', CUSTOMER: 'ada', TOKEN: 't', KEY: 'k-1', NAME: 'n-1' };
    const { stdout, stderr, status } = ran(reproOf(), env);
    expect(status, stderr).toBe(0);
    const requests = stdout.trim().split('\n');
    expect(requests).toHaveLength(2);
    for (const request of requests) {
      expect(request).toContain('|http://there/api/v2/loyalty/rewards/redeem|');
      expect(request).toContain('|Idempotency-Key: k-1|');
      expect(request).toContain('"customer_id":"ada"');
    }
    expect(stderr).toMatch(/stand at message 3 to db \(update it's points\): .*it stands.*let it go/s);
  },
);
