import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { findToxiproxy } from '../../harness/proxy/toxiproxy-process.ts';
import { RUN_FILE } from '../../harness/environment/run-file.ts';
import { findRedisServer } from '../../harness/environment/redis.ts';
import { until } from '../../harness/environment/store.ts';
import { packageRoot } from '../../harness/base/program.ts';
import { isAlive, testFolder } from './support.ts';

const folder = testFolder();
const store = findRedisServer() === undefined ? 'memory' : 'redis';
const proxy = findToxiproxy() === undefined ? 'embedded' : 'toxiproxy';
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

interface Victim {
  readonly child: ChildProcess & { readonly pid: number };
  readonly lines: string[];
  /** Of everything that it started. */
  readonly pids: readonly number[];
  /** Its temporary folders. */
  readonly folders: readonly string[];
  readonly runFile: string;
}

async function victim(end: 'throw' | 'pause' | 'resume'): Promise<Victim> {
  const workDir = join(folder, end);
  mkdirSync(workDir);
  // In the place of a k6 that is in the middle of its work.
  const standIn = join(workDir, 'stand-in');
  writeFileSync(standIn, '#!/bin/sh\nexec sleep 600\n');
  chmodSync(standIn, 0o755);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'victim.ts'), workDir, store, proxy, end],
    // A group of its own, as a terminal gives one to each command.
    {
      cwd: packageRoot(),
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      env: { ...process.env, ...(end === 'pause' && { STAND_IN: standIn }) },
    },
  );
  running.push(child);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  await once(reader, 'line');
  const { pids } = JSON.parse(lines[0] ?? '') as { pids: number[] };
  const runFile = join(workDir, RUN_FILE);
  const kept = existsSync(runFile)
    ? (JSON.parse(readFileSync(runFile, 'utf8')) as { children: { pid: number }[]; folders: string[] })
    : undefined;
  return {
    child: child as ChildProcess & { readonly pid: number },
    lines,
    pids: [...new Set([...pids, ...(kept?.children ?? []).map(({ pid }) => pid)])],
    folders: kept?.folders ?? [],
    runFile,
  };
}

const allGone = (pids: readonly number[]): Promise<boolean> => until(async () => !pids.some(isAlive), 15_000);

describe.skipIf(process.platform === 'win32')(
  `when the harness ends (store ${store}, proxy ${proxy})`,
  () => {
    test('killed with kill -9, one replica stopped: every server, store, proxy and engine ends', async () => {
      const { child, pids, folders } = await victim('pause');
      expect(pids.length).toBeGreaterThanOrEqual(2);
      expect(folders.filter((one) => one.includes('onceproof-k6-'))).toHaveLength(1);
      child.kill('SIGKILL');
      expect(await allGone(pids)).toBe(true);
      expect(await until(async () => !folders.some(existsSync), 15_000)).toBe(true);
    });

    test('by an exception that nobody catches: every server, store and proxy ends, and no run file stays', async () => {
      const { child, pids, runFile } = await victim('throw');
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(1);
      expect(await allGone(pids)).toBe(true);
      expect(existsSync(runFile)).toBe(false);
    });

    test('Ctrl-C reaches the harness alone: server and store still answer, and are ended in order', async () => {
      const { child, lines, pids, runFile } = await victim('resume');
      process.kill(-child.pid, 'SIGINT');
      expect(await until(async () => lines.includes('closed'), 30_000)).toBe(true);
      expect(lines.slice(1)).toEqual(['ready true', 'closed']);
      expect(await allGone(pids)).toBe(true);
      expect(existsSync(runFile)).toBe(false);
    });
  },
);
