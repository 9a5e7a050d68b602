import { afterAll, describe, expect, test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Findings } from '../../harness/checker/findings.ts';
import { contractFrom } from '../../harness/model/contract.ts';
import { startEdge, type Edge } from '../../reference-server/liars/edge.ts';
import type { Lies } from '../../reference-server/liars/liar.ts';
import { command, type Told } from '../hostile/in-process.ts';
import { temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const REDEEM = '/api/v2/loyalty/rewards/redeem';
const names = ['customer_id', 'reward_id', 'points_amount', 'client_redemption_id'];

type More = object | ((edge: Edge) => object);

async function checked(lies: Lies, more: More, ...args: readonly string[]): Promise<Told> {
  const customers = [{ customer: 'c-1', points: 50_000 }];
  const edge: Edge = await startEdge({
    contract: contractFrom('seed'),
    customers,
    liar: { lies: () => lies },
  });
  const config = {
    baseUrl: edge.url,
    auth: { token: edge.token },
    redeem: { path: REDEEM, body: Object.fromEntries(names.map((name) => [name, `{${name}}`])) },
    answer: { redemption: '/redemption_id', code: '/code' },
    balance: { path: '/api/v2/loyalty/customers/{customer_id}/balance', value: '/balance' },
    redemptions: {
      path: '/api/v2/loyalty/redemptions/{customer_id}',
      items: '/redemptions',
      redemption: '/redemption_id',
    },
    rewards: [{ id: 'reward_67890', points: 500 }],
    customers: ['c-1'],
    limits: { readLagMs: 300, lateMs: 0, settleMs: 1000, maxVus: 1 },
    ...(typeof more === 'function' ? more(edge) : more),
  };
  const file = join(folder.path, 'onceproof.config.json');
  writeFileSync(file, JSON.stringify(config));
  try {
    return await command(
      args.length === 0 ? ['check-config', file] : [...args, '--target', file, '--out', folder.path],
    );
  } finally {
    await edge.close();
  }
}

const nothingListed: Lies = { list: () => [] };

describe('what may be the endpoint’s doing is a warning, and no refusal', () => {
  test('a redemption that the list does not show, with both readings', async () => {
    const { code, stdout, stderr } = await checked(nothingListed, {});
    expect(stdout).toMatch(
      /warning: redemptions: the list does not show redemption \S+, which was answered with 200: 0 items before, 0 after/,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('a balance that does not move, with both readings', async () => {
    const { code, stdout } = await checked({ balance: () => 777_000 }, {});
    expect(stdout).toMatch(
      /warning: balance: the balance does not move: `\/balance` is 777000 before and 777000 after a redemption of 500/,
    );
    expect(code).toBe(0);
  });

  test('a list that shows it under another pointer of the right type', async () => {
    const { code, stdout } = await checked(
      {},
      {
        redemptions: {
          path: '/api/v2/loyalty/redemptions/{customer_id}',
          items: '/redemptions',
          redemption: '/customer_id',
        },
      },
    );
    expect(stdout).toMatch(/warning: redemptions: the list does not show redemption/);
    expect(code).toBe(0);
  });

  test('the run goes on, and a lost debit may then be a wrong pointer', async () => {
    const flags = ['--intents', '3', '--faults', 'none', '--engine', 'embedded', '--proxy', 'embedded'];
    const { code, stdout } = await checked(nothingListed, {}, 'run', 'lost-answer', ...flags);
    expect(code).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain('or the list pointer is wrong');
  });

  test('an id cannot steer the terminal that is warned', async () => {
    const id = '\u0000\u001b[2J\u202e';
    const lies: Lies = {
      redeem: async (_, honest) => {
        const told = await honest();
        const body = JSON.parse(told.text) as object;
        return { ...told, text: JSON.stringify({ ...body, redemption_id: id }) };
      },
    };
    const flags = ['--intents', '3', '--faults', 'none', '--engine', 'embedded', '--proxy', 'embedded'];
    const { progress } = await checked(lies, {}, 'run', 'lost-answer', ...flags);
    expect(progress).toContain('does not show redemption \\x00\\x1b[2J\\u202e, which');
    expect(progress).not.toContain('\u0000');
  });

  test('a right endpoint gets neither warning nor doubt', async () => {
    const { code, stdout } = await checked({}, {});
    expect(stdout).not.toContain('warning:');
    expect(code).toBe(0);
    const findings = new Findings();
    findings.misreads([]);
    findings.violate({ rule: 'lost-debit', summary: 'gone', attempts: [], expected: '', found: '' });
    expect(findings.violations[0]?.summary).toBe('gone');
    findings.misreads(['redemptions']);
    findings.violate({ rule: 'double-debit', summary: 'twice', attempts: [], expected: '', found: '' });
    expect(findings.violations[1]?.summary).toBe('twice');
  });

  test('rows of the contract are proposed where it says otherwise', async () => {
    const { stdout } = await checked({}, { contract: { profile: 'ietf', replayEquality: 'redemption' } });
    expect(stdout).toMatch(/replayMarker: 'Idempotent-Replayed', \/\/ the repetition carries/);
    expect(stdout).toMatch(/replayEquality: 'bytes', \/\/ .*now 'redemption'/);
  });
});

/** Reads the list as a ledger, its rows with a call at their end. */
const ledgerOf =
  (change: string) =>
  ({ url, token }: Edge) => ({
    effects: {
      command: [
        process.execPath,
        '--input-type=module',
        '-e',
        `const answer = await fetch('${url}/api/v2/loyalty/redemptions/{customer_id}', { headers: { authorization: 'Bearer ${token}' } });
         const { redemptions } = await answer.json();
         for (const row of redemptions.map(({ redemption_id: redemption }) => ({ redemption, points: 500, at: Date.now() }))${change}) console.log(JSON.stringify(row));`,
      ],
    },
  });

describe('what reads the ledger may be wrong, too', () => {
  const PLAIN = '';
  const NOTHING = '.slice(0, 0)';
  const ELSEWHERE = ".map((row) => ({ ...row, redemption: 'row-1' }))";

  test('one that shows the redemption as it was made gets no warning', async () => {
    const { code, stdout } = await checked({}, ledgerOf(PLAIN));
    expect(stdout).toMatch(/effects\.command of c-1: 1 debit: \S+ of 500 points/);
    expect(stdout).not.toContain('warning:');
    expect(code).toBe(0);
  });

  test.each([
    [
      'nothing',
      NOTHING,
      /warning: effects\.command: the ledger does not show redemption \S+, which was answered with 200: 0 debits before, 0 after\n/,
    ],
    [
      'another name',
      ELSEWHERE,
      /warning: effects\.command: .* 0 debits before, 1 after; new is 1 debit: row-1 of 500 points/,
    ],
    [
      'other points',
      '.map((row) => ({ ...row, points: 50_000 }))',
      /warning: effects\.command, points: it is 50000 of redemption \S+, which costs 500/,
    ],
    [
      'another key',
      ".map((row) => ({ ...row, key: 'K-1' }))",
      /warning: effects\.command, key: it is K-1 of redemption \S+, which was asked for with [-0-9a-f]{36}/,
    ],
    [
      'another name of the client',
      ".map((row) => ({ ...row, client_redemption_id: 'mine' }))",
      /warning: effects\.command, client_redemption_id: it is mine of redemption \S+, which was sent as/,
    ],
    [
      'seconds for ms',
      '.map((row) => ({ ...row, at: Math.round(row.at / 1000) }))',
      /warning: effects\.command, at: it is 1970-01-\S+ of redemption/,
    ],
  ])('one that says %s', async (_, put, warning) => {
    const { code, stdout } = await checked({}, ledgerOf(put));
    expect(stdout).toMatch(warning);
    expect(code).toBe(0);
  });

  test('a redemption that the ledger then lacks may be that reading’s fault, and not the endpoint’s', async () => {
    const flags = ['--intents', '3', '--faults', 'none', '--engine', 'embedded', '--proxy', 'embedded'];
    const { code, stdout } = await checked({}, ledgerOf(ELSEWHERE), 'run', 'lost-answer', ...flags);
    expect(code).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'or what reads the ledger (effects, hooks.ledger) is wrong',
    );
  });
});
