/** Selftest on the example of one's own endpoint: every rule that its config makes judgeable finds its lies. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Forging } from '../../harness/model/forging.ts';
import { onceproof, projectRoot } from '../support/cli.ts';
import { findPostgres, startPostgres, type Postgres } from '../support/postgres.ts';
import { startVouchers, type Vouchers } from '../support/vouchers.ts';

const isMissing = findPostgres() === undefined;
const isNightly = process.env['ONCEPROOF_TRUST'] === 'whole';
const why = isMissing ? 'postgres is not installed' : 'npm run prove runs it: it takes more than a minute';

describe.skipIf(isMissing || !isNightly)(
  `selftest on examples/own-endpoint${isMissing || !isNightly ? ` (skipped: ${why})` : ''}`,
  () => {
    const out = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    let postgres: Postgres;
    let vouchers: Vouchers;
    beforeAll(async () => {
      postgres = await startPostgres();
      vouchers = await startVouchers(postgres.url, 'right');
    });
    afterAll(async () => {
      await vouchers.stop();
      await postgres.stop();
      rmSync(out, { recursive: true, force: true });
    });

    test(
      'each judgeable rule is alive, and the same traffic without a lie valid',
      { timeout: 400_000 },
      async () => {
        const config = join(projectRoot, 'examples/own-endpoint/onceproof.config.ts');
        const env = {
          VOUCHERS_DATABASE: postgres.url,
          VOUCHERS_URL: vouchers.url,
          VOUCHERS_TOKEN: vouchers.token,
        };
        const done = await onceproof(['selftest', '--target', config, '--out', out, '--json'], { env });
        const { rules, unforged, strays } = JSON.parse(done.stdout) as Forging;
        expect(unforged.map(({ verdict, why }) => [verdict, why])).toEqual([
          ['valid', undefined],
          ['valid', undefined],
          ['valid', undefined],
        ]);
        expect(rules.filter(({ state }) => state === 'not-judgeable').map(({ rule }) => rule)).toEqual([
          // The contract leaves otherCustomersData unspecified; a sweep alone judges the other.
          'key-scope',
          'process-death',
        ]);
        const others = rules.filter(({ state }) => state !== 'alive' && state !== 'not-judgeable');
        expect(others, done.stderr).toEqual([]);
        expect(strays).toEqual([]);
        expect(done.code).toBe(0);
      },
    );
  },
);
