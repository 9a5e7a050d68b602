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

async function checked(lies: Lies, more: object, ...args: readonly string[]): Promise<Told> {
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
    ...more,
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
