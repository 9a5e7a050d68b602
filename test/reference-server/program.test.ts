import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '../../harness/model/protocol.ts';
import { NO_REDIS, startRedis, type RunningRedis } from '../support/redis.ts';
import { send, until } from './harness.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Below node_modules, so that the bundle finds the packages; built once, since a start from source takes seconds. */
const DIR = join(ROOT, 'node_modules', '.cache', `reference-server-${process.pid}`);
const MAIN = join(DIR, 'main.mjs');

beforeAll(async () => {
  const entryPoints = [join(ROOT, 'reference-server/main.ts')];
  await build({
    entryPoints,
    outfile: MAIN,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
});
afterAll(() => rm(DIR, { recursive: true, force: true }));

interface Program {
  readonly child: ChildProcess;
  readonly events: Record<string, unknown>[];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stderr: string;
  stdout: string;
}

const running = new Set<ChildProcess>();

function start(...args: readonly string[]): Program {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const ended = once(child, 'close').then(() => {
    running.delete(child);
    return { code: child.exitCode, signal: child.signalCode };
  });
  const program: Program = { child, events: [], ended, stderr: '', stdout: '' };
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    program.stdout += chunk.toString();
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) program.events.push(JSON.parse(line) as never);
  });
  child.stderr?.on('data', (chunk: Buffer) => (program.stderr += chunk.toString()));
  return program;
}

async function listening(program: Program, count = 1): Promise<readonly string[]> {
  const seen = () =>
    program.events.filter(({ event }) => event === 'listening').map(({ url }) => String(url));
  await until(async () => seen().length === count || program.child.exitCode !== null);
  return seen();
}

function redeem(url: string, key: string, token = 't') {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  const body = JSON.stringify({ customer_id: 'c1', reward_id: 'reward_coffee', points_amount: 120 });
  return send(url + PATHS.redeem, 'POST', headers, body);
}

describe('the program', () => {
  let redis: RunningRedis | undefined;

  afterEach(async () => {
    await Promise.all(
      [...running].map(async (child) => {
        const closed = once(child, 'close');
        child.kill('SIGKILL');
        await closed;
      }),
    );
    await redis?.stop();
    redis = undefined;
  });

  it('says where each replica listens, serves, and ends in order', async () => {
    const program = start(
      '--token',
      't',
      '--customer',
      'c1=1000',
      '--replicas',
      '2',
      '--hooks-port',
      '0',
      '--hooks-token',
      'h',
    );
    const [first = '', second = ''] = await listening(program, 2);
    expect(program.events).toEqual([
      {
        event: 'listening',
        replica: 1,
        url: first,
        hooksUrl: expect.any(String) as string,
        pid: program.child.pid,
      },
      {
        event: 'listening',
        replica: 2,
        url: second,
        hooksUrl: expect.any(String) as string,
        pid: program.child.pid,
      },
    ]);
    expect(first).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const reply = await redeem(first, 'k');
    expect((await redeem(second, 'k')).text).toBe(reply.text);
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stderr).toBe('');
  });

  it('finishes what is in flight before it ends', async () => {
    const program = start('--token', 't', '--customer', 'c1=1000', '--fulfil-ms', '1500');
    const [url = ''] = await listening(program);
    const sent = redeem(url, 'k');
    await until(async () => {
      const { body } = await send(`${url}${PATHS.balance.replace('{customer_id}', 'c1')}`, 'GET', {
        authorization: 'Bearer t',
      });
      return body['balance'] === 880;
    });
    program.child.kill('SIGTERM');
    expect((await sent).status).toBe(200);
    expect((await program.ended).code).toBe(0);
  });

  it.each([
    [['--profile', 'none'], '--profile: expected one of seed, ietf, stripe; found "none"'],
    [['--defect', 'none'], '--defect: expected one of check-then-act,'],
    [['--store', 'mysql://x'], '--store: expected memory or redis://host:port; found "mysql://x"'],
    [['--port', '65536'], '--port: expected a whole number from 0 to 65535; found "65536"'],
    [['--lease-ms', '-1'], '--lease-ms'],
    [['--replicas', '2', '--store', 'redis://127.0.0.1:1'], '--replicas: expected 1 with a Redis store'],
    [['--hooks-port', '0'], '--hooks-token: expected a token'],
    [['--contract', '{"ttl":1}'], '--contract: expected rows of a contract; found "ttl"'],
    [['--contract', '[]'], '--contract: expected a JSON object of rows; found "[]"'],
    [['--customer', 'c1'], '--customer: expected ID=POINTS; found "c1"'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['stray'], 'arguments: expected the flags that --help lists'],
  ])('refuses %j in one line with exit code 4', async (args, line) => {
    const program = start('--token', 't', ...args);
    expect((await program.ended).code).toBe(4);
    expect(program.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(program.stderr).toContain(line);
    expect(program.stdout).toBe('');
  });

  it('needs somebody who may call it', async () => {
    const program = start();
    expect((await program.ended).code).toBe(4);
    expect(program.stderr).toContain('--token: expected at least one token');
  });

  it('a port that is taken is exit code 3 with one line', async () => {
    const first = start('--token', 't');
    const [url = ''] = await listening(first);
    const second = start('--token', 't', '--port', new URL(url).port);
    expect((await second.ended).code).toBe(3);
    expect(second.stderr).toContain('EADDRINUSE');
  });

  it('lists its wrong editions as JSON', async () => {
    const program = start('--list-defects');
    expect((await program.ended).code).toBe(0);
    const [entry] = JSON.parse(program.stdout) as readonly object[];
    expect(entry).toEqual({
      name: 'check-then-act',
      description: expect.any(String) as string,
      reason: expect.any(String) as string,
      rules: ['double-debit', 'same-answer'],
      bugClasses: [1],
      needs: ['concurrency'],
      way: { kind: 'run', scenario: 'duplicated-requests', faults: 'none', intents: 40 },
    });
  });

  it.skipIf(NO_REDIS !== undefined)(
    `on Redis a crash is the end of the process, told before it${NO_REDIS ? ` (skipped: ${NO_REDIS})` : ''}`,
    async () => {
      redis = await startRedis();
      const args = ['--token', 't', '--customer', 'c1=1000', '--store', redis.url, '--lease-ms', '100'];
      const hooks = ['--hooks-port', '0', '--hooks-token', 'h'];
      const first = start(...args, ...hooks, '--replica-index', '2');
      const [url = ''] = await listening(first);
      const hooksUrl = String(first.events[0]?.['hooksUrl']);
      const arm = JSON.stringify({ point: 'after-debit', action: 'crash', key: 'k' });
      const headers = { authorization: 'Bearer h', 'content-type': 'application/json' };
      expect((await send(`${hooksUrl}/hooks/crash-points`, 'POST', headers, arm)).status).toBe(204);
      await expect(redeem(url, 'k')).rejects.toThrow();
      expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
      expect(first.events[1]).toMatchObject({
        event: 'crash',
        replica: 2,
        point: 'after-debit',
        customer: 'c1',
        key: 'k',
      });

      const again = start(...args, '--port', new URL(url).port);
      expect(await listening(again)).toEqual([url]);
      await until(async () => (await redeem(url, 'k')).status === 200);
      expect((await redeem(url, 'k')).body['balance_after']).toBe(880);
    },
  );
});
