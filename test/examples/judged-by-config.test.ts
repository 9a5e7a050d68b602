/** The whole way on an endpoint that shares no line with the reference server: the command line, a config, a verdict. */

import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../harness/model/verdict.ts';
import { onceproof, runForVerdict, temporaryFolder, told } from '../support/cli.ts';
import { part } from '../support/depth.ts';
import { Lanes } from '../support/lanes.ts';
import { findPostgres, startPostgres, type Postgres } from '../support/postgres.ts';
import { startVouchers, type Vouchers } from '../support/vouchers.ts';

const example = resolve(import.meta.dirname, '../../examples/own-endpoint');
const isMissing = findPostgres() === undefined;
const why = isMissing ? ' (skipped: PostgreSQL is not installed)' : '';
/** Runs wait more than they work: three at once, each with customers of its own. */
const lanes = new Lanes([1, 2, 3]);
/** Runs of the config whose customers are there already come one after the other: they are the same for both editions. */
const listed = new Lanes([1]);
const PARTS = ['--engine', 'embedded', '--proxy', 'embedded', '--seed', '1'];

describe.skipIf(isMissing).concurrent(`the voucher service, judged by its config alone${why}`, () => {
  const out = temporaryFolder();
  let postgres: Postgres;
  let right: Vouchers;
  let wrong: Vouchers;

  beforeAll(async () => {
    postgres = await startPostgres();
    right = await startVouchers(postgres.url, 'right');
    wrong = await startVouchers(postgres.url, 'wrong');
  });
  afterAll(async () => {
    await right?.stop();
    await wrong?.stop();
    await postgres?.stop();
    out.remove();
  });

  function environment(service: Vouchers): Record<string, string> {
    return { VOUCHERS_DATABASE: postgres.url, VOUCHERS_URL: service.url, VOUCHERS_TOKEN: service.token };
  }

  async function run(
    service: Vouchers,
    config: string,
    scenario: string,
    ...flags: readonly string[]
  ): Promise<{ readonly code: number | null; readonly verdict: Verdict }> {
    const args = [scenario, '--target', join(example, config), '--out', out.path, ...PARTS, ...flags];
    return await lanes.use(() => runForVerdict(args, { env: environment(service) }));
  }

  const rulesOf = ({ violations }: Verdict) => new Set(violations.map(({ rule }) => rule));
  const unjudgedOf = ({ unjudged }: Verdict) => new Set(unjudged.map(({ rule }) => rule));

  const asked = [
    ['retry-storm', '40'],
    ['duplicated-requests', '40'],
    ['double-click', '40'],
    ['lost-answer', '20'],
    ['key-expiry', '16'],
    ['key-reuse', '32'],
    ['near-zero', '16'],
  ] as const;
  test.each(part(asked, 0, 4, 6))('the right edition is valid under %s', async (scenario, intents) => {
    const { code, verdict } = await run(right, 'onceproof.config.ts', scenario, '--intents', intents);
    expect(told(verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
    expect(code).toBe(0);
    expect(verdict.counts.debits).toBeGreaterThan(0);
    // One token acts for every member: the config says so, and so does the verdict.
    expect(verdict.unjudged).toEqual([
      {
        rule: 'process-death',
        why: 'no `service` of a config runs it: whether a broken connection ends it is not seen',
      },
      { rule: 'key-scope', why: 'the contract leaves otherCustomersData unspecified' },
    ]);
  });

  test.each(part(['duplicated-requests', 'double-click'], 1))(
    'the wrong edition is invalid under %s, by double-debit',
    async (scenario) => {
      const { code, verdict } = await run(wrong, 'onceproof.config.ts', scenario, '--intents', '60');
      expect(verdict.verdict).toBe('invalid');
      expect(code).toBe(1);
      expect(rulesOf(verdict)).toContain('double-debit');
    },
  );

  test('where only a balance can be read, the right edition is valid and the verdict lists what was not judged', async () => {
    const { code, verdict } = await listed.use(() =>
      run(right, 'balance-only.config.ts', 'duplicated-requests', '--intents', '40'),
    );
    expect(told(verdict)).toBe('{"verdict":"valid","reasons":[],"violations":[],"missed":[]}');
    expect(code).toBe(0);
    const open = ['conservation', 'expiry', 'duplicate-intent', 'key-syntax', 'lost-debit'];
    for (const rule of open) expect(unjudgedOf(verdict)).toContain(rule);
  });

  test('where only a balance can be read, the wrong edition is still invalid, by what is gone from it', async () => {
    const { code, verdict } = await listed.use(() =>
      run(wrong, 'balance-only.config.ts', 'duplicated-requests', '--intents', '60'),
    );
    expect(code).toBe(1);
    const doubled = verdict.violations.find(({ rule }) => rule === 'double-debit');
    expect(doubled?.summary).toMatch(/^the balance fell by \d+ points, and all intents together cost \d+$/);
  });

  test('a config that lacks its environment ends with exit code 4 and one line that names it', async () => {
    const args = ['run', 'double-click', '--target', join(example, 'onceproof.config.ts'), '--out', out.path];
    const { code, stdout, stderr } = await onceproof(args, { env: { VOUCHERS_DATABASE: postgres.url } });
    expect([code, stdout, stderr]).toEqual([
      4,
      '',
      'onceproof: baseUrl.env: environment variable VOUCHERS_URL is not set; expected VOUCHERS_URL in the environment\n',
    ]);
  });
});
