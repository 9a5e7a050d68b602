/** What stands behind one's own endpoint: the stores that it talks to, and the program that it is. */

import { usageError } from '../base/errors.ts';
import { STORE_KINDS, type StoreKind } from '../proxy/stores/types.ts';
import { textOrEnv, type Environment } from './environment.ts';
import { isAllowedHost, isLoopback } from './hosts.ts';
import {
  child,
  integerOf,
  isGiven,
  isPlainObject,
  itemsOf,
  matchOf,
  objectOf,
  oneOf,
  textOf,
  wrong,
  type Member,
} from './member.ts';

export interface ResolvedStore {
  readonly name: string;
  readonly kind: StoreKind;
  /** `host:port` */
  readonly at: string;
  /** Port on which its door listens; absent: any free one, which only a `service` can be told. */
  readonly door?: number;
}

export interface ResolvedService {
  /** Program and arguments; no shell. */
  readonly command: readonly string[];
  /** May hold `{port}` and `{<store>}`. Values are secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** A path that answers 2xx when it is ready; absent: it listens. */
  readonly ready?: string;
  readonly replicas: number;
}

const STORE_NAME = /^[A-Za-z][\w-]{0,31}$/;
const MAX_REPLICAS = 16;

export function storesOf(
  member: Member,
  env: Environment,
  allowedHosts: readonly string[],
  hasService: boolean,
): readonly ResolvedStore[] {
  if (!isGiven(member)) return [];
  if (!isPlainObject(member.value)) throw wrong(member, 'an object: a name for each store');
  return Object.keys(member.value).map((name) => {
    if (!STORE_NAME.test(name) || name === 'port' || name === 'server')
      throw wrong(
        { ...member, value: name },
        'names of letters, digits, _ and -, but not port and not server',
      );
    return storeOf(name, child(member, name), env, allowedHosts, hasService);
  });
}

function storeOf(
  name: string,
  member: Member,
  env: Environment,
  allowedHosts: readonly string[],
  hasService: boolean,
): ResolvedStore {
  const members = objectOf(member, ['kind', 'at', 'door']);
  const kind = oneOf(members.kind, STORE_KINDS);
  const at = addressOf(members.at, env);
  const url = new URL(`tcp://${at}`);
  if (!isLoopback(url.hostname) && !isAllowedHost(allowedHosts, url))
    throw usageError(
      'host_not_allowed',
      `its host is not a loopback address and is not named in ${member.file}`,
      {
        field: members.at.path,
        expected: `'${at}' in allowedHosts`,
        found: at,
      },
    );
  if (isGiven(members.door)) return { name, kind, at, door: integerOf(members.door, 1, 65_535) };
  if (!hasService) throw wrong(members.door, 'the port to which the endpoint was pointed, or a `service`');
  return { name, kind, at };
}

/** `host:port`, or the URL of a store, of which host and port are taken. */
function addressOf(member: Member, env: Environment): string {
  const text = textOrEnv(member, env, 'hidden');
  const url = text.includes('://') && URL.canParse(text) ? new URL(text) : undefined;
  const address = url === undefined ? text : url.host;
  if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(address))
    throw wrong(member, 'host:port, or a URL with both', true);
  return address;
}

export function serviceOf(member: Member, env: Environment, base: URL): ResolvedService | undefined {
  if (!isGiven(member)) return undefined;
  if (!isLoopback(base.hostname))
    throw usageError('config_wrong', `wrong in ${member.file}`, {
      field: 'baseUrl',
      expected: 'a loopback address beside `service`: onceproof starts it on this machine',
      found: base.hostname,
    });
  const members = objectOf(member, ['command', 'env', 'ready', 'replicas']);
  const command = itemsOf(members.command, 'an array: a program and its arguments', 1).map((item) =>
    textOf(item),
  );
  const variables = isGiven(members.env) ? variablesOf(members.env, env) : {};
  const replicas = isGiven(members.replicas) ? integerOf(members.replicas, 1, MAX_REPLICAS) : 1;
  const takesPort = [...command, ...Object.values(variables)].some((text) => text.includes('{port}'));
  if (!takesPort && (replicas > 1 || base.port === '0'))
    throw usageError('config_wrong', `wrong in ${member.file}`, {
      field: member.path,
      expected: '{port} in its command or its environment, so that each replica can be given one',
    });
  return {
    command,
    env: variables,
    replicas,
    ...(isGiven(members.ready) && { ready: matchOf(members.ready, /^\//, 'a path') }),
  };
}

function variablesOf(member: Member, env: Environment): Record<string, string> {
  if (!isPlainObject(member.value)) throw wrong(member, 'an object of names and texts', true);
  const names = Object.keys(member.value);
  return Object.fromEntries(names.map((name) => [name, textOrEnv(child(member, name), env, 'hidden')]));
}
