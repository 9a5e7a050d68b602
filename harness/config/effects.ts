/** `effects`: what the endpoint really did, read by one statement or one command instead of a ledger hook. */

import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { inTurn } from '../base/in-turn.ts';
import { harnessError, usageError } from '../base/errors.ts';
import { keepSecret } from '../base/secrets.ts';
import type { Amounts } from '../model/amounts.ts';
import { exactJson } from '../model/json.ts';
import {
  CONNECTIONS,
  Drivers,
  queryOf,
  type DatabaseAddress,
  type DatabaseKind,
  type Query,
} from './databases.ts';
import type { HooksConfig } from './define.ts';
import { ledgerOfRows } from './effect-rows.ts';
import { textOrEnv, type Environment } from './environment.ts';
import { isAllowedHost, isLoopback } from './hosts.ts';
import { booleanOf, isGiven, itemsOf, objectOf, textOf, wrong, type Member } from './member.ts';
import { withParameter } from './sql-text.ts';

export interface EffectsContext {
  readonly env: Environment;
  readonly allowedHosts: readonly string[];
  /** The config's file: drivers are looked for beside it. */
  readonly file: string;
  /** Folder in which a command runs, and which a file of SQLite is in. */
  readonly directory: string;
  readonly amounts: Amounts | undefined;
  readonly hasLedgerHook: boolean;
}

type Ledger = NonNullable<HooksConfig['ledger']>;

/** Of one command, from its start, ms. */
const COMMAND_TIMEOUT_MS = 4_000;
const COMMAND_MAX_BYTES = 16 * 1024 * 1024;
/** Commands that run at once: programs that start up keep a core busy, and more of them than cores only make each other late. */
const COMMANDS = Math.max(2, Math.min(8, availableParallelism()));

/** The ledger hook that `effects` stands for. Connects to nothing and starts nothing yet. Throws a usage error. */
export function effectsOf(member: Member, context: EffectsContext): Ledger {
  const members = objectOf(member, ['sql', 'url', 'command', 'rewards']);
  if (context.hasLedgerHook) throw wrong(member, 'either effects or hooks.ledger: both tell the same');
  const isSql = isGiven(members.sql) || isGiven(members.url);
  if (isSql && isGiven(members.command)) throw wrong(member, 'either sql with url, or command');
  const query = isSql
    ? inTurn(CONNECTIONS, sqlOf(members.sql, members.url, context))
    : inTurn(COMMANDS, commandOf(members.command, context));
  const hasRewards = isGiven(members.rewards) && booleanOf(members.rewards);
  const ledger: Ledger = async ({ customer }) =>
    ledgerOfRows(await query(customer), { amounts: context.amounts, hasRewards });
  BOUNDED.add(ledger);
  return ledger;
}

const BOUNDED = new WeakSet<object>();

/** Whether a hook ends by itself in time: while it waits for its turn no time of its own has begun. */
export function boundsItself(hook: object): boolean {
  return BOUNDED.has(hook);
}

function sqlOf(member: Member, url: Member, context: EffectsContext): Query {
  const sql = textOf(member, 'a select statement with :customer in it');
  if (withParameter(sql, '?').count === 0) throw wrong(member, 'a select statement with :customer in it');
  if (!/^\s*(\(|select\b|with\b|values\b|table\b)/i.test(sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')))
    throw wrong(member, 'a statement that reads: select …, or with … select …');
  const address = addressOf(url, context);
  const drivers = new Drivers(context.file);
  const missing = drivers.missing(address.kind);
  if (missing !== undefined)
    throw usageError('driver_missing', `${missing} is not installed`, {
      field: member.path,
      expected: `npm install ${missing}`,
    });
  return queryOf(address, sql, drivers);
}

const SCHEMES: Readonly<Record<string, DatabaseKind>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'sqlite:': 'sqlite',
};
const PORTS = { postgres: 5432, mysql: 3306, sqlite: 0 } as const;
const EXPECTED = 'postgres://…, mysql://… or sqlite:FILE';

function addressOf(member: Member, { env, allowedHosts, directory }: EffectsContext): DatabaseAddress {
  const text = textOrEnv(member, env, 'hidden');
  const [, scheme = ''] = /^([a-z]+:)/i.exec(text) ?? [];
  const kind = SCHEMES[scheme.toLowerCase()];
  if (kind === undefined) throw wrong(member, EXPECTED, true);
  if (kind === 'sqlite') {
    const path = text.slice(scheme.length).replace(/^\/\/(?=\/)/, '');
    if (path === '' || /[?#]/.test(path)) throw wrong(member, 'sqlite:FILE', true);
    const database = isAbsolute(path) ? path : join(directory, path);
    return { kind, host: '', port: 0, user: '', password: '', database };
  }
  keepSecret(text);
  if (!URL.canParse(text)) throw wrong(member, EXPECTED, true);
  const url = new URL(text);
  // Of another scheme than http the name is not folded, and an empty one is allowed.
  const host = url.hostname.toLowerCase();
  if (host === '' || url.hash !== '') throw wrong(member, `${EXPECTED}, with a host`, true);
  const port = Number(url.port) || PORTS[kind];
  if (!isLoopback(host) && !isAllowedHost(allowedHosts, new URL(`tcp://${host}:${port}`)))
    throw usageError('host_not_allowed', `its host is not a loopback address and is not in allowedHosts`, {
      field: member.path,
      expected: `'${host}:${port}' in allowedHosts`,
      found: host,
    });
  const password = decoded(url.password, member);
  if (password !== '') keepSecret(password);
  const tls = tlsOf(url, member);
  return {
    kind,
    host: host.replace(/^\[|\]$/g, ''),
    port,
    user: decoded(url.username, member),
    password,
    database: decoded(url.pathname.slice(1), member),
    ...(tls !== undefined && { tls }),
  };
}

/** Nothing but the kind of TLS: other parameters could name another host, a file, or several statements. */
function tlsOf({ searchParams }: URL, member: Member): DatabaseAddress['tls'] {
  const modes = { disable: undefined, require: 'unchecked', 'verify-full': 'checked' } as const;
  const mode = searchParams.get('sslmode') ?? 'disable';
  if ([...searchParams.keys()].some((name) => name !== 'sslmode') || !Object.hasOwn(modes, mode))
    throw wrong(member, 'no parameters but sslmode=disable, require or verify-full', true);
  return modes[mode as keyof typeof modes];
}

function decoded(text: string, member: Member): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(member, EXPECTED, true);
  }
}

function commandOf(member: Member, { env, directory }: EffectsContext): Query {
  const words = itemsOf(member, 'an array: a program and its arguments', 1).map((item) => textOf(item));
  return async (customer) => {
    const given = words.map((word) => word.replaceAll('{customer_id}', customer));
    return linesOf(await output(given, { ...env, ONCEPROOF_CUSTOMER: customer }, directory));
  };
}

function output([program = '', ...args]: readonly string[], env: Environment, cwd: string): Promise<string> {
  const options = { cwd, env: { ...env }, timeout: COMMAND_TIMEOUT_MS, maxBuffer: COMMAND_MAX_BYTES };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const why =
        error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
          ? `printed more than ${COMMAND_MAX_BYTES} bytes`
          : error.killed === true
            ? `took longer than ${COMMAND_TIMEOUT_MS} ms`
            : `ended with ${error.code ?? error.signal}`;
      const [said = ''] = stderr.trim().split('\n');
      return reject(
        harnessError('effects_failed', `effects.command ${why}${said && `: ${said.slice(0, 200)}`}`),
      );
    });
    // It is asked nothing: one that waits for an answer would wait for its time's end.
    child.stdin?.end();
  });
}

function linesOf(text: string): readonly unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    const row = exactJson(line);
    if (row !== undefined) return row;
    throw harnessError('effects_failed', 'effects.command', {
      field: `line ${index + 1}`,
      expected: 'a JSON object on each line',
    });
  });
}
