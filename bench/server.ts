import { fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { NO_REDIS, startRedis } from '../test/support/redis.ts';
import type { Figure } from './figure.ts';
import { CUSTOMERS, type ServerTask, type ServerTaskAnswer } from './server-task.ts';

const CONNECTIONS = 64;
const ROUNDS = 5;
const ROUND_MS = 2000;
/** Steps of a first use: claim with debit, reward, completion. */
const ROUND_TRIPS = 3;
const TOKEN = 'bench-token';
const REQUIRED = 0.8;

/**
 * The reference server on Redis against a bare route with the same token check and schema that makes the same EVALSHA
 * round trips, taking turns: what reading keys, judging, resuming and answering by contract cost.
 */
export async function benchServer(): Promise<Figure[]> {
  if (NO_REDIS !== undefined)
    return [
      {
        name: 'server on Redis / bare route',
        value: 0,
        required: `>= ${REQUIRED}`,
        ok: false,
        detail: NO_REDIS,
      },
    ];
  const redis = await startRedis();
  const children: ChildProcess[] = [];
  try {
    const bareChild = childOf('./server-child', children);
    const loadChild = childOf('./server-child', children);
    const bare = await asked(bareChild, { role: 'bare', redisUrl: redis.url, token: TOKEN });
    if (!('url' in bare)) throw new Error('the bare route did not start');
    const server = await serverUrl(redis.url, children);
    const perSecond = async (url: string, ms: number): Promise<number> => {
      const task = {
        role: 'load',
        url,
        token: TOKEN,
        customers: CUSTOMERS,
        connections: CONNECTIONS,
        ms,
      } as const;
      const answer = await asked(loadChild, task);
      if (!('requests' in answer) || answer.failed > 0)
        throw new Error(`load failed: ${JSON.stringify(answer)}`);
      return (answer.requests * 1000) / answer.ms;
    };
    const rounds: { readonly bare: number; readonly server: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const measured = {
        bare: await perSecond(bare.url, ROUND_MS),
        server: await perSecond(server, ROUND_MS),
      };
      // The first round warms up.
      if (round > 0) rounds.push(measured);
    }
    return [figure(rounds)];
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await redis.stop();
  }
}

function figure(rounds: readonly { readonly bare: number; readonly server: number }[]): Figure {
  const bare = middle(rounds.map((round) => round.bare));
  const server = middle(rounds.map((round) => round.server));
  // The ratio of each round by itself: what else the machine does slows both halves of a round alike.
  const value = middle(rounds.map((round) => round.server / round.bare));
  return {
    name: 'server on Redis / bare route',
    value,
    required: `>= ${REQUIRED}`,
    ok: value >= REQUIRED,
    detail: `${Math.round(server)} against ${Math.round(bare)} redemptions/s, ${ROUND_TRIPS} round trips each`,
  };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** From the build or, started from source, through tsx. */
function pathOf(name: string): { readonly path: string; readonly execArgv: string[] } {
  const built = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  if (existsSync(built)) return { path: built, execArgv: [] };
  return { path: fileURLToPath(new URL(`${name}.ts`, import.meta.url)), execArgv: ['--import', 'tsx'] };
}

function childOf(name: string, children: ChildProcess[]): ChildProcess {
  const { path, execArgv } = pathOf(name);
  const child = fork(path, { execArgv });
  children.push(child);
  return child;
}

function asked(child: ChildProcess, task: ServerTask): Promise<ServerTaskAnswer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`${task.role}: the process ended`));
    child.once('exit', ended);
    child.once('message', (answer) => {
      child.off('exit', ended);
      resolve(answer as ServerTaskAnswer);
    });
    child.send(task);
  });
}

async function serverUrl(store: string, children: ChildProcess[]): Promise<string> {
  const { path, execArgv } = pathOf('../reference-server/main');
  const customers = CUSTOMERS.flatMap((customer) => ['--customer', `${customer}=1000000000`]);
  const args = [
    '--store',
    store,
    '--token',
    TOKEN,
    '--fulfil-ms',
    '0',
    '--store-timeout-ms',
    '5000',
    ...customers,
  ];
  const child = spawn(process.execPath, [...execArgv, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { readonly event: string; readonly url: string };
    if (event.event === 'listening') return event.url;
  }
  throw new Error('the reference server did not start');
}
