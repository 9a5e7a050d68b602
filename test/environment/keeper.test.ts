import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanUpStale, Keeper, RUN_FILE } from '../../harness/environment/keeper.ts';
import { identityOf } from '../../harness/environment/process-identity.ts';
import { until } from '../../harness/environment/store.ts';
import { packageRoot } from '../../harness/program.ts';
import { isAlive, testFolder } from './support.ts';

const folder = testFolder();
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process that does nothing until it is ended. */
async function sleeper(): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  started.push(child);
  await once(child, 'spawn');
  return child as ChildProcess & { readonly pid: number };
}

async function goneSoon(pid: number): Promise<boolean> {
  return until(async () => !isAlive(pid), 10_000);
}

function workDir(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

function deadOwner(): { readonly pid: number; readonly startedAt: string } {
  return { pid: process.pid, startedAt: 'another time' };
}

describe('the keeper', () => {
  test('writes down who it is and what it keeps, and removes the file at the end', async () => {
    const dir = workDir('file');
    const child = await sleeper();
    const keeper = new Keeper(dir);
    keeper.addChild('sleeper', child.pid);
    expect(JSON.parse(readFileSync(join(dir, RUN_FILE), 'utf8'))).toEqual({
      schema: 1,
      owner: identityOf(process.pid),
      children: [{ name: 'sleeper', ...identityOf(child.pid) }],
      folders: [],
    });
    await keeper.close();
    expect(existsSync(join(dir, RUN_FILE))).toBe(false);
    expect(await goneSoon(child.pid)).toBe(true);
  });

  test('what was dropped is left alone', async () => {
    const child = await sleeper();
    const keeper = new Keeper(workDir('dropped'));
    keeper.addChild('sleeper', child.pid);
    keeper.dropChild(child.pid);
    await keeper.close();
    expect(isAlive(child.pid)).toBe(true);
  });

  test('removes its temporary folders, and takes no other folder', async () => {
    const own = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    const other = workDir('onceproof-not-temporary');
    const keeper = new Keeper(workDir('folders'));
    keeper.addFolder(own);
    expect(() => keeper.addFolder(other)).toThrow('not a temporary folder of ours');
    await keeper.close();
    expect([existsSync(own), existsSync(other)]).toEqual([false, true]);
  });

  test.skipIf(process.platform === 'win32')(
    'when the harness is killed, its guardian ends the children and removes the folders',
    async () => {
      const temporary = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
      const kept = await sleeper();
      const dropped = await sleeper();
      const script = join(folder, 'victim.ts');
      const keeperFile = pathToFileURL(join(packageRoot(), 'harness/environment/keeper.ts')).href;
      writeFileSync(
        script,
        `import { Keeper } from ${JSON.stringify(keeperFile)};
         const keeper = new Keeper(${JSON.stringify(workDir('victim'))});
         keeper.addChild('kept', ${kept.pid});
         keeper.addChild('dropped', ${dropped.pid});
         keeper.dropChild(${dropped.pid});
         keeper.addFolder(${JSON.stringify(temporary)});
         console.log('ready');
         setInterval(() => {}, 1e6);`,
      );
      const victim = spawn(process.execPath, ['--import', 'tsx', script], {
        cwd: packageRoot(),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      started.push(victim);
      await once(createInterface({ input: victim.stdout }), 'line');
      victim.kill('SIGKILL');
      expect(await goneSoon(kept.pid)).toBe(true);
      expect(await until(async () => !existsSync(temporary), 10_000)).toBe(true);
      expect(isAlive(dropped.pid)).toBe(true);
    },
  );
});

describe('cleaning up after a dead harness', () => {
  function leave(dir: string, content: object): string {
    const file = join(dir, RUN_FILE);
    writeFileSync(
      file,
      JSON.stringify({ schema: 1, owner: deadOwner(), children: [], folders: [], ...content }),
    );
    return file;
  }

  test('ends its children, removes its folders and its file, three folders deep', async () => {
    const child = await sleeper();
    const temporary = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    const file = leave(workDir('results/retry-storm/run-1'), {
      children: [{ name: 'server-1', ...identityOf(child.pid) }],
      folders: [temporary],
    });
    expect(cleanUpStale(join(folder, 'results'))).toEqual([
      { file, ended: [{ name: 'server-1', pid: child.pid }], removed: [temporary] },
    ]);
    expect(await goneSoon(child.pid)).toBe(true);
    expect([existsSync(temporary), existsSync(file)]).toEqual([false, false]);
  });

  test('a stranger who has got the process id meanwhile is not touched', async () => {
    const stranger = await sleeper();
    const dir = workDir('stranger');
    leave(dir, { children: [{ name: 'server-1', pid: stranger.pid, startedAt: 'long ago' }] });
    expect(cleanUpStale(dir)[0]?.ended).toEqual([]);
    expect(isAlive(stranger.pid)).toBe(true);
  });

  test('a folder that is not a temporary one of ours is not removed', () => {
    const dir = workDir('other-folder');
    const precious = workDir('precious');
    leave(dir, { folders: [precious, tmpdir(), '/'] });
    expect(cleanUpStale(dir)[0]?.removed).toEqual([]);
    expect(existsSync(precious)).toBe(true);
  });

  test('the file of a harness that still runs is left alone', async () => {
    const child = await sleeper();
    const dir = workDir('alive');
    const file = leave(dir, {
      owner: identityOf(process.pid),
      children: [{ name: 'server-1', ...identityOf(child.pid) }],
    });
    expect(cleanUpStale(dir)).toEqual([]);
    expect([isAlive(child.pid), existsSync(file)]).toEqual([true, true]);
  });

  test.each(['{', '[]', '{"schema":2}', '{"schema":1,"owner":{},"children":[],"folders":[]}'])(
    'a file that is none of ours (%s) is left alone',
    (text) => {
      const dir = workDir('foreign');
      writeFileSync(join(dir, RUN_FILE), text);
      expect(cleanUpStale(dir)).toEqual([]);
      expect(existsSync(join(dir, RUN_FILE))).toBe(true);
    },
  );

  test('a folder that is not there is no error', () => {
    expect(cleanUpStale(join(folder, 'nowhere'))).toEqual([]);
  });
});
