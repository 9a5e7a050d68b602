/** The command: the bundled server whole, its defects, exit codes, and what is drawn and written. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ROWS } from '../../harness/probe/probe.ts';
import { parseOptions } from '../../reference-server/options.ts';
import { startServer } from '../../reference-server/server.ts';
import { command } from '../hostile/in-process.ts';
import { temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const TIMEOUT = { timeout: 120_000 } as const;

interface Data {
  readonly verdict?: string;
  readonly rows: readonly {
    readonly name: string;
    readonly standing: string;
    readonly observed?: { readonly text: string; readonly value?: unknown };
    readonly requests: readonly { readonly curl: string; readonly answer: string }[];
  }[];
  readonly block: { readonly profile: string; readonly text: string };
}

async function probed(...args: readonly string[]) {
  const store = args.includes('--target') ? [] : ['--store', 'memory'];
  const told = await command(['probe', ...store, '--out', folder.path, ...args]);
  const data = args.includes('--json') ? (JSON.parse(told.stdout) as Data) : undefined;
  return { ...told, data };
}

const skipAllBut = (...rows: readonly string[]): string[] => [
  '--skip',
  ROWS.map(({ name }) => name)
    .filter((name) => !rows.includes(name))
    .join(','),
];

describe('the bundled server', () => {
  test('each row is kept or not to be had there; 0 without a config', TIMEOUT, async () => {
    const { code, data } = await probed('--json');
    const others = data?.rows.filter(({ standing }) => standing !== 'kept') ?? [];
    expect(others.map(({ name, standing }) => [name, standing])).toEqual([
      ['replay-headers', 'unpromised'],
      ['other-path', 'unseen'],
      ['error-before', 'unseen'],
      ['error-after', 'unseen'],
    ]);
    expect(data?.verdict).toBeUndefined();
    expect(code).toBe(0);
    for (const { name, requests, standing } of data?.rows ?? [])
      if (standing === 'kept') expect([name, requests.length > 0]).toEqual([name, true]);
  });

  test.for([
    ['no-fingerprint', 'other-reward'],
    ['global-key-scope', 'other-customer'],
    ['expired-key-processed', 'expired-key'],
    ['ttl-renewed', 'renewed-key'],
    ['token-in-scope', 'other-token'],
    ['check-then-act', 'in-flight'],
  ] as const)('with the defect %s the row %s is broken', TIMEOUT, async ([defect, row]) => {
    const { code, data } = await probed('--json', '--defect', defect, ...skipAllBut(row));
    expect(data?.rows.filter(({ standing }) => standing === 'broken').map(({ name }) => name)).toEqual([row]);
    // Nobody promised anything.
    expect(code).toBe(0);
  });

  test('another path is looked at where one is named', TIMEOUT, async () => {
    const { data } = await probed('--json', '--other-path', '/api/v2/nowhere', ...skipAllBut('other-path'));
    const row = data?.rows.find(({ name }) => name === 'other-path');
    expect([row?.standing, row?.observed?.text]).toEqual(['unpromised', '404 not_found; 0 effects']);
  });
});

describe('an endpoint of one’s own', () => {
  const TOKEN = 'the-token-of-the-probe';

  async function withServer(
    contract: object,
    args: readonly string[],
    work: (told: Awaited<ReturnType<typeof probed>>) => void,
  ) {
    const customers = ['c-1=500000', 'c-2=500000'].flatMap((customer) => ['--customer', customer]);
    const options = parseOptions(['--token', TOKEN, ...customers]);
    if (typeof options === 'string') throw new Error('a text was asked for');
    const server = await startServer(options, {
      emit: () => {},
      log: () => {},
      die: () => {},
      isMortal: false,
    });
    const file = join(folder.path, 'onceproof.config.json');
    const body = ['customer_id', 'reward_id', 'points_amount', 'client_redemption_id'];
    writeFileSync(
      file,
      JSON.stringify({
        baseUrl: server.replicas[0]?.url,
        auth: { token: TOKEN },
        redeem: {
          path: '/api/v2/loyalty/rewards/redeem',
          body: Object.fromEntries(body.map((name) => [name, `{${name}}`])),
        },
        answer: { redemption: '/redemption_id', code: '/code' },
        balance: { path: '/api/v2/loyalty/customers/{customer_id}/balance', value: '/balance' },
        rewards: [{ id: 'reward_67890', points: 500 }],
        customers: ['c-1', 'c-2'],
        limits: { readLagMs: 200 },
        contract,
      }),
    );
    try {
      work(await probed('--target', file, ...args));
    } finally {
      await server.close();
    }
  }

  const seen = skipAllBut('missing-key', 'other-points', 'other-customer', 'replay-marker');

  test('0 where it keeps what its config promises', TIMEOUT, async () => {
    await withServer({ profile: 'seed' }, ['--json', ...seen], ({ code, data, stdout }) => {
      expect(data?.verdict).toBe('valid');
      expect(code).toBe(0);
      expect(stdout).not.toContain(TOKEN);
      expect(stdout).toContain('Bearer $TOKEN');
    });
  });

  test('1 where it breaks a promise, with the row, both texts and the request', TIMEOUT, async () => {
    await withServer({ profile: 'ietf' }, seen, ({ code, stdout }) => {
      expect(code).toBe(1);
      expect(stdout).toMatch(/✗ missing-key +409 duplicate_request; 0 effects/);
      expect(stdout).toContain('promised: 400');
      expect(stdout).toContain('IETF §2.7: SHOULD answer 400');
      expect(stdout).toMatch(/curl -sS -X POST "\$BASE_URL"'\/api\/v2\/loyalty\/rewards\/redeem'/);
      expect(stdout).toContain("missingKey: { status: 409, code: 'duplicate_request' },");
      expect(stdout).not.toContain(TOKEN);
    });
  });

  test('2 where something that it promises could not be seen', TIMEOUT, async () => {
    const rows = skipAllBut('missing-key', 'key-life');
    await withServer({ profile: 'seed' }, ['--json', ...rows], ({ code, data }) => {
      expect([code, data?.verdict]).toEqual([2, 'unknown']);
    });
    // What nobody promised does not have to be seen.
    const open = { ttlMs: 'unspecified', expiredKey: 'unspecified' };
    await withServer(open, ['--json', ...rows], ({ code }) => expect(code).toBe(0));
  });

  test('the page, the summary and the data are written, without the token', TIMEOUT, async () => {
    await withServer({ profile: 'seed' }, [...seen, '--run-id', 'written'], () => {});
    const dir = readdirSync(join(folder.path, 'probe')).find((name) => name.endsWith('-written')) ?? '';
    const read = (name: string) => readFileSync(join(folder.path, 'probe', dir, name), 'utf8');
    for (const name of ['report.html', 'summary.md', 'probe.json']) {
      expect(read(name)).toContain('missing-key');
      expect(read(name)).not.toContain(TOKEN);
    }
    expect(read('report.html')).not.toMatch(/<script|src=|http-equiv="refresh"/);
    expect(existsSync(join(folder.path, 'probe', dir, 'run.json'))).toBe(false);
  });
});

describe('wrong usage', () => {
  test.for([
    [['--skip', 'no-such-row'], /--skip: no such row; expected same-key, .*; found "no-such-row"/],
    [['--other-path', 'elsewhere'], /--other-path: wrong value; expected a path that begins with \//],
    [['--profile', 'adyen'], /the bundled server/],
    [['--target', 'nowhere.ts'], /no such file/],
  ] as const)('%j', TIMEOUT, async ([args, line]) => {
    const { code, stderr } = await probed(...args);
    expect(stderr).toMatch(line);
    expect(code).toBe(4);
  });
});
