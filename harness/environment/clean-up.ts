/** What a harness that was killed has left behind is found by its run file and healed at the next start. */

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ToxiproxyDriver } from '../proxy/toxiproxy.ts';
import { toxiproxyVersion } from '../proxy/toxiproxy-api.ts';
import { messageOf } from '../base/errors.ts';
import { isMarked } from '../base/origin.ts';
import { redisAddress, removeKeys } from './foreign-redis.ts';
import { isTemporary, removeTemporary } from './keeper.ts';
import { exists, isRunning, signalProcess } from './process-identity.ts';
import {
  readRunFile,
  removeRunFile,
  RUN_FILE,
  thisMachine,
  writeRunFile,
  type ForeignPart,
  type KeptChild,
  type RunFile,
} from './run-file.ts';
import { until } from './store.ts';

/** A process that was sent SIGKILL is gone at once, unless the system is in trouble. ms. */
const END_LIMIT_MS = 10_000;

/** What a dead harness had left and is gone now. */
export interface StaleLeftover {
  readonly file: string;
  readonly ended: readonly { readonly name: string; readonly pid: number }[];
  /** Temporary folders. */
  readonly removed: readonly string[];
  /** In words, e.g. `4 proxies at http://127.0.0.1:8474`. */
  readonly foreign: readonly string[];
  /** What could not be healed, and why. The file stays as long as there is any: the next start tries again. */
  readonly left: readonly string[];
}

/**
 * Heals what harnesses that are dead by now have left in `dir` or up to three folders below it (results/scenario/run).
 * A child is recognised by id and start time, so that a stranger with a reused id is never touched. `tell` gets one
 * line for each dead run.
 */
export async function cleanUpStale(
  dir: string,
  tell: (line: string) => void = () => {},
): Promise<readonly StaleLeftover[]> {
  const healed: StaleLeftover[] = [];
  for (const file of runFilesBelow(dir, 3)) {
    const found = readRunFile(file);
    // Ids of another machine say nothing here: its run may well be alive.
    if (found === undefined || found.machine !== thisMachine() || isAlive(found)) continue;
    const { leftover, remains } = await heal(file, found);
    // Told first: whoever is killed in between tells again, and nothing is healed in silence.
    tell(describeLeftover(leftover));
    if (leftover.left.length === 0) removeRunFile(file);
    // One that was not ours does not become so.
    else if (isMarked(found)) writeRunFile(file, { ...found, ...remains });
    healed.push(leftover);
  }
  return healed;
}

function isAlive({ owner }: RunFile): boolean {
  // Where the system does not tell when a process began, its id has to do.
  return owner.startedAt === '' ? exists(owner.pid) : isRunning(owner);
}

type Remains = Pick<RunFile, 'children' | 'folders' | 'foreign'>;

async function heal(file: string, found: RunFile): Promise<{ leftover: StaleLeftover; remains: Remains }> {
  const ended = found.children.filter((child) => signalProcess(child, 'SIGKILL'));
  // They write to the folders and parts that are healed next.
  await until(async () => !found.children.some(isRunning), END_LIMIT_MS);
  const children = found.children.filter(isRunning);
  const ours = found.folders.filter(isTemporary);
  const removed = ours.filter(removeTemporary);
  const folders = ours.filter((folder) => !removed.includes(folder));
  const left = [...children.map(({ name, pid }) => `${name} (pid ${pid}) runs`), ...folders];
  const healed: string[] = [];
  const foreign: ForeignPart[] = [];
  // Proxies first: what one of them still holds back would reach the store afterwards.
  const isOurs = isMarked(found);
  for (const part of found.foreign.toSorted((a, b) => rank(a) - rank(b))) {
    try {
      // A folder from elsewhere may name any address: nothing is connected to by its word.
      if (!isOurs) throw new Error('its run file was not written here');
      healed.push(await healForeign(part));
    } catch (error) {
      foreign.push(part);
      left.push(`${part.prefix}* at ${addressOf(part)} (${messageOf(error)})`);
    }
  }
  const names = ended.filter((child) => !children.includes(child)).map(nameAndPid);
  return {
    leftover: { file, ended: names, removed, foreign: healed.filter((text) => text !== ''), left },
    remains: { children, folders, foreign },
  };
}

/** Gives what was removed, in words; empty when there was nothing. */
async function healForeign(part: ForeignPart): Promise<string> {
  if (part.kind === 'redis') {
    const count = await removeKeys(part.url, part.prefix);
    return count === 0 ? '' : `${counted(count, 'key', 'keys')} at ${addressOf(part)}`;
  }
  // It has a limit of seconds, unlike the calls that follow.
  await toxiproxyVersion(part.url);
  const driver = new ToxiproxyDriver(part);
  const proxies = await driver.list();
  await driver.close();
  return proxies.length === 0 ? '' : `${counted(proxies.length, 'proxy', 'proxies')} at ${addressOf(part)}`;
}

/** Without any password. */
function addressOf({ kind, url }: ForeignPart): string {
  return kind === 'redis' ? redisAddress(url) : new URL(url).origin;
}

function describeLeftover({ file, ended, removed, foreign, left }: StaleLeftover): string {
  const folders =
    removed.length === 0 ? [] : [counted(removed.length, 'temporary folder', 'temporary folders')];
  const gone = [...folders, ...foreign];
  const done = [
    ...(ended.length === 0
      ? []
      : [`ended ${ended.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')}`]),
    ...(gone.length === 0 ? [] : [`removed ${gone.join(', ')}`]),
  ];
  const what = done.length === 0 ? 'nothing was left to heal' : done.join('; ');
  const rest =
    left.length === 0
      ? ''
      : `; still there: ${left.join(', ')}; the next start tries again (to forget it, remove ${file})`;
  return `a run was killed: ${dirname(file)}: ${what}${rest}`;
}

function runFilesBelow(dir: string, depth: number): readonly string[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isFile()) return entry.name === RUN_FILE ? [path] : [];
      return entry.isDirectory() && depth > 0 ? runFilesBelow(path, depth - 1) : [];
    });
  } catch {
    return [];
  }
}

function rank({ kind }: ForeignPart): number {
  return kind === 'toxiproxy' ? 0 : 1;
}

function nameAndPid({ name, pid }: KeptChild): { readonly name: string; readonly pid: number } {
  return { name, pid };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
