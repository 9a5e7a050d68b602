import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanUpStale } from '../../harness/environment/clean-up.ts';
import { Keeper } from '../../harness/environment/keeper.ts';
import { identityOf } from '../../harness/environment/process-identity.ts';
import { marked } from '../../harness/base/origin.ts';
import { RUN_FILE, thisMachine } from '../../harness/environment/run-file.ts';
import { until } from '../../harness/environment/store.ts';
import { packageRoot } from '../../harness/base/program.ts';
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

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

function deadOwner(): { readonly pid: number; readonly startedAt: string } {
  return { pid: process.pid, startedAt: 'another time' };
}

describe('the keeper', () => {
  test('a run file that cannot be written any more stops no child, unless it alone could undo what is made', async () => {
    const dir = workDir('full');
    const child = await sleeper();
    const keeper = new Keeper(dir);
    const blocked = join(dir, `${RUN_FILE}.new`);
    mkdirSync(blocked);
    keeper.addChild('sleeper', child.pid);
    keeper.dropChild(child.pid);
    const made = { kind: 'redis', url: 'redis://127.0.0.1:1', prefix: 'onceproof-x:' } as const;
    expect(() => keeper.addForeign(made)).toThrow(/EISDIR|illegal operation/);
    rmdirSync(blocked);
    keeper.dropForeign(made);
    await keeper.close();
    expect(existsSync(join(dir, RUN_FILE))).toBe(false);
  });

  test('writes down who it is and what it keeps, and removes the file at the end', async () => {
    const dir = workDir('file');
    const child = await sleeper();
    const keeper = new Keeper(dir);
    keeper.addChild('sleeper', child.pid);
    expect(JSON.parse(readFileSync(join(dir, RUN_FILE), 'utf8'))).toEqual({
      schema: 1,
      machine: thisMachine(),
      owner: identityOf(process.pid),
      children: [{ name: 'sleeper', ...identityOf(child.pid) }],
      folders: [],
      foreign: [],
      origin: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    await keeper.close();
    expect(existsSync(join(dir, RUN_FILE))).toBe(false);
    expect(await goneSoon(child.pid)).toBe(true);
  });

  test('keeps on file what it made on parts of others until that is dropped, for its owner alone to read', async () => {
    const dir = workDir('foreign-parts');
    const file = join(dir, RUN_FILE);
    const made = { kind: 'redis', url: 'redis://:secret@127.0.0.1:1', prefix: 'onceproof-r1:' } as const;
    // As if another had been there before, open to all.
    writeFileSync(`${file}.new`, 'torn', { mode: 0o644 });
    const keeper = new Keeper(dir);
    keeper.addForeign(made);
    await keeper.close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ foreign: [made], children: [] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    keeper.dropForeign(made);
    await keeper.close();
    expect(existsSync(file)).toBe(false);
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
  function leave(dir: string, content: object, isOurs = true): string {
    const file = join(dir, RUN_FILE);
    const whole = {
      schema: 1,
      machine: thisMachine(),
      owner: deadOwner(),
      children: [],
      folders: [],
      foreign: [],
      ...content,
    };
    writeFileSync(file, JSON.stringify(isOurs ? marked(whole) : whole));
    return file;
  }

  test('connects nowhere by the word of a file that was not written here, and says so', async () => {
    let visits = 0;
    const server = createServer((socket) => {
      visits += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const foreign = [
      { kind: 'redis', url: `redis://${address}`, prefix: 'onceproof-r1:' },
      { kind: 'toxiproxy', url: `http://${address}`, prefix: 'onceproof-r1.' },
    ];
    const dir = workDir('from-elsewhere');
    const file = leave(dir, { foreign }, false);
    const before = readFileSync(file, 'utf8');
    const lines: string[] = [];
    const [healed] = await cleanUpStale(dir, (line) => lines.push(line));
    expect(visits).toBe(0);
    expect(healed?.left).toHaveLength(2);
    expect(lines[0]).toContain(`onceproof-r1:* at ${address} (its run file was not written here)`);
    expect(readFileSync(file, 'utf8')).toBe(before);
    server.close();
  });

  test('ends its children, removes its folders and its file, three folders deep', async () => {
    const child = await sleeper();
    const temporary = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    const dir = workDir('results/retry-storm/run-1');
    const file = leave(dir, {
      children: [{ name: 'server-1', ...identityOf(child.pid) }],
      folders: [temporary],
    });
    const lines: string[] = [];
    expect(await cleanUpStale(join(folder, 'results'), (line) => lines.push(line))).toEqual([
      { file, ended: [{ name: 'server-1', pid: child.pid }], removed: [temporary], foreign: [], left: [] },
    ]);
    expect(lines).toEqual([
      `a run was killed: ${dir}: ended server-1 (pid ${child.pid}); removed 1 temporary folder`,
    ]);
    expect(await goneSoon(child.pid)).toBe(true);
    expect([existsSync(temporary), existsSync(file)]).toEqual([false, false]);
  });

  test('a stranger who has got the process id meanwhile is not touched', async () => {
    const stranger = await sleeper();
    const dir = workDir('stranger');
    leave(dir, { children: [{ name: 'server-1', pid: stranger.pid, startedAt: 'long ago' }] });
    expect((await cleanUpStale(dir))[0]?.ended).toEqual([]);
    expect(isAlive(stranger.pid)).toBe(true);
  });

  test('a folder that is not a temporary one of ours is not removed', async () => {
    const dir = workDir('other-folder');
    const precious = workDir('precious');
    leave(dir, { folders: [precious, tmpdir(), '/'] });
    expect((await cleanUpStale(dir))[0]?.removed).toEqual([]);
    expect(existsSync(precious)).toBe(true);
  });

  test('the file of a harness that still runs is left alone', async () => {
    const child = await sleeper();
    const dir = workDir('alive');
    const file = leave(dir, {
      owner: identityOf(process.pid),
      children: [{ name: 'server-1', ...identityOf(child.pid) }],
    });
    expect(await cleanUpStale(dir)).toEqual([]);
    expect([isAlive(child.pid), existsSync(file)]).toEqual([true, true]);
  });

  test("the file of another machine's run is left alone: its ids say nothing here", async () => {
    const dir = workDir('elsewhere');
    const file = leave(dir, { machine: 'elsewhere/pid:[1]' });
    expect(await cleanUpStale(dir)).toEqual([]);
    expect(existsSync(file)).toBe(true);
  });

  test('a stopped child is ended too', async () => {
    const child = await sleeper();
    child.kill('SIGSTOP');
    const dir = workDir('stopped');
    leave(dir, { children: [{ name: 'server-1', ...identityOf(child.pid) }] });
    expect((await cleanUpStale(dir))[0]?.ended).toEqual([{ name: 'server-1', pid: child.pid }]);
    expect(await goneSoon(child.pid)).toBe(true);
  });

  test('a part that cannot be reached is told without its password and kept for the next start; the rest is healed', async () => {
    const child = await sleeper();
    const dir = workDir('unreachable');
    // Port 1 of this machine: nobody listens there.
    const foreign = [
      { kind: 'redis', url: 'redis://:secret@127.0.0.1:1', prefix: 'onceproof-r1:' },
      { kind: 'toxiproxy', url: 'http://127.0.0.1:1', prefix: 'onceproof-r1.' },
    ];
    const file = leave(dir, { children: [{ name: 'server-1', ...identityOf(child.pid) }], foreign });
    for (const ended of [[{ name: 'server-1', pid: child.pid }], []]) {
      const lines: string[] = [];
      const [leftover] = await cleanUpStale(dir, (line) => lines.push(line));
      expect(leftover).toMatchObject({ ended, foreign: [], left: [/r1\./, /r1:/].map(matching) });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(
        /still there: onceproof-r1\.\* at http:\/\/127\.0\.0\.1:1 .*; the next start tries again/,
      );
      expect(lines[0]).not.toContain('secret');
      const kept = JSON.parse(readFileSync(file, 'utf8')) as { children: unknown; foreign: unknown[] };
      expect(kept.children).toEqual([]);
      expect(kept.foreign).toHaveLength(2);
      for (const part of foreign) expect(kept.foreign).toContainEqual(part);
    }
  });

  const whole = { schema: 1, machine: thisMachine(), owner: deadOwner(), children: [], folders: [] };
  const part = { kind: 'redis', url: 'redis://127.0.0.1:1', prefix: 'onceproof-r1:' };
  const foreignFiles = [
    { ...whole, owner: {}, foreign: [] },
    whole,
    // Everything under these would be removed.
    ...['', 'onceproof-', 'onceproof-:', 'onceproof-r1.', 'onceproof-*:', 'theirs:'].map((prefix) => ({
      ...whole,
      foreign: [{ ...part, prefix }],
    })),
    { ...whole, foreign: [{ ...part, url: 'http://127.0.0.1:1' }] },
    { ...whole, foreign: [{ ...part, kind: 'postgres' }] },
  ];
  test.each(['{', '[]', '{"schema":2}', ...foreignFiles.map((file) => JSON.stringify(file))])(
    'a file that is none of ours (%s) is left alone',
    async (text) => {
      const dir = workDir('foreign');
      writeFileSync(join(dir, RUN_FILE), text);
      expect(await cleanUpStale(dir)).toEqual([]);
      expect(existsSync(join(dir, RUN_FILE))).toBe(true);
    },
  );

  test('a folder that is not there is no error', async () => {
    expect(await cleanUpStale(join(folder, 'nowhere'))).toEqual([]);
  });
});
