import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { runEmbedded } from '../../harness/engine/embedded.ts';
import { chooseEngine, runEngine } from '../../harness/engine/engine.ts';
import type { EngineProgress } from '../../harness/engine/types.ts';
import { HarnessError } from '../../harness/base/errors.ts';
import { startDropper } from './dropper.ts';
import { run, scriptPath } from './run.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startServer();
});

afterEach(async () => {
  await server.close();
});

/** The error that a run ends with. */
async function errorOf(work: Promise<unknown>): Promise<HarnessError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(HarnessError);
  return outcome as HarnessError;
}

describe('what the engine does not have', () => {
  const imports = [
    ['k6/ws', 'this module'],
    ['k6/x/sql', 'this module'],
    ['k6/experimental/redis', 'this module'],
    ['k6/nope', 'unknown'],
    ['https://jslib.k6.io/k6-utils/1.4.0/index.js', 'network'],
    ['lodash', 'npm'],
    ['./lib/parts', 'whole file'],
  ] as const;

  for (const [name, why] of imports) {
    test(`an import of ${name} is refused by its name`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
      try {
        const script = join(folder, 'script.js');
        writeFileSync(
          script,
          `import * as it from '${name}';\nexport default function () { console.log(it); }\n`,
        );
        const error = await errorOf(runEmbedded({ script, env: {}, onLine: () => undefined }));
        expect(error.kind).toBe('usage');
        expect(error.message).toContain(`import "${name}"`);
        expect(error.message).toContain(why);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  test('a verb that blocks says what to write instead, even to a script that catches everything', async () => {
    const error = await errorOf(run('embedded', 'uses-sync-verb.js', { env: { BASE_URL: server.url } }));
    expect(error.message).toContain('http.post');
    expect(error.message).toContain("await http.asyncRequest('POST', url, body, params)");
    expect(error.message).toContain('--engine k6');
    expect(server.arrivals).toEqual([]);
  });

  test.each([
    ['uses-batch.js', 'http.batch'],
    ['threshold-on-sending.js', 'http_req_sending'],
  ])('%s is refused: %s', async (script, name) => {
    const error = await errorOf(run('embedded', script, { env: { BASE_URL: server.url } }));
    expect(error.message).toContain(name);
    expect(error.message).toContain('--engine k6');
  });

  test('a script that does not parse is named with its line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    try {
      const script = join(folder, 'broken.ts');
      writeFileSync(script, 'export default function () {\n  const = 1;\n}\n');
      const error = await errorOf(runEmbedded({ script, env: {}, onLine: () => undefined }));
      expect(error.message).toMatch(/broken\.ts:2:\d+: Expected identifier/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('errors of a script', () => {
  test('an exception is logged with its place in the script', async () => {
    const { log, result } = await run('embedded', 'throws-at-line.ts');
    expect(log).toMatch(/TypeError: no balance/);
    expect(log).toMatch(/throws-at-line\.ts:6:9/);
    expect(result.exitCode).toBe(0);
  });

  test('a history that cannot be written ends the run with that error', async () => {
    const onLine = (): void => {
      throw new Error('disk full');
    };
    await expect(run('embedded', 'shared-iterations.js', { onLine })).rejects.toThrow('disk full');
  });

  test('a promise that the script lets go is logged and ends nothing', async () => {
    const { lines, log } = await inChild('let-go.js', server.url);
    expect(lines).toEqual(['{"reached":true}']);
    expect(log).toContain('Uncaught (in promise) Error: nobody waits for me');
  });
});

describe('connections', () => {
  test.each([
    ['all', 1],
    ['iteration', 3],
    ['none', 6],
  ])('with reuse of %s, six requests of three iterations take %i connections', async (reuse, connections) => {
    await run('embedded', 'reuse.js', { env: { BASE_URL: server.url, REUSE: reuse } });
    expect(server.arrivals).toHaveLength(6);
    expect(server.connectionCount()).toBe(connections);
  });

  test('several requests at once each have a connection, and no more are opened than that', async () => {
    await run('embedded', 'promise-all.js', { env: { BASE_URL: server.url } });
    expect(server.mostAtOnce()).toBe(5);
    expect(server.connectionCount()).toBe(5);
  });

  for (const method of ['POST', 'GET']) {
    test(`a ${method} that dies on a kept connection is not sent again`, async () => {
      const dropper = await startDropper();
      try {
        const { lines } = await run('embedded', 'resend.js', {
          env: { BASE_URL: `${dropper.url}/`, METHOD: method },
        });
        expect(dropper.requestCount()).toBe(10);
        expect(lines.filter(({ status }) => status === 200)).toHaveLength(5);
        expect(lines.filter(({ status }) => status === 0)).toHaveLength(5);
      } finally {
        await dropper.close();
      }
    });
  }

  test('options.hosts leads a name to another address, with the name as Host', async () => {
    const { lines } = await run('embedded', 'hosts.js', {
      env: { ADDRESS: server.url.replace('http://', '') },
    });
    expect(lines).toEqual([{ status: 200, host: 'shop.example' }]);
  });
});

describe('the end of a run', () => {
  test('a signal lets iterations end, and teardown and the summary run', async () => {
    const abort = new AbortController();
    const first = server.arrived('/slow');
    const running = run('embedded', 'long.js', { env: { BASE_URL: server.url }, signal: abort.signal });
    await first;
    abort.abort();
    const { result, lines } = await running;
    expect(result.exitCode).toBe(105);
    expect(result.reason).toContain('signal');
    expect(lines).toEqual([
      { event: 'complete', status: 200 },
      { event: 'complete', status: 200 },
      { event: 'teardown' },
    ]);
    expect(result.iterations).toBe(2);
    expect(result.stdout).toBe('SUMMARY');
  });

  test('a signal that came before the start ends the run before its first iteration', async () => {
    const { result, lines } = await run('embedded', 'long.js', {
      env: { BASE_URL: server.url },
      signal: AbortSignal.abort(),
    });
    expect(result.exitCode).toBe(105);
    expect(result.iterations).toBe(0);
    expect(server.arrivals).toEqual([]);
    expect(lines).toEqual([{ event: 'teardown' }]);
  });

  test('nothing that a script left open keeps the process alive', async () => {
    // The child ends by itself, or this test runs into its limit.
    const { exitCode } = await inChild('leaves-open.js', server.url);
    expect(exitCode).toBe(0);
  });

  test('progress is told while it runs', async () => {
    const seen: EngineProgress[] = [];
    await run('embedded', 'constant-vus.js', { onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.at(-1)).toMatchObject({ vus: 2, inFlight: 0, requests: 0, dropped: 0 });
  });

  test('a seed gives every VU the same random numbers, and leaves the rest of Math alone', async () => {
    const { lines } = await run('embedded', 'random.js');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toEqual(lines[1]);
    expect(lines[0]).toMatchObject({ floor: 1 });
  });
});

describe('the choice of the engine', () => {
  test('auto takes the embedded engine where there is no k6', () => {
    expect(chooseEngine('auto', '/nowhere/k6')).toEqual({ engine: 'embedded' });
  });

  test('k6 that is asked for and not there is an error of usage', () => {
    expect(() => chooseEngine('k6', '/nowhere/k6')).toThrow('no k6');
  });

  test('the result names the engine', async () => {
    const options = { script: scriptPath('no-setup.js'), env: {}, onLine: (): void => undefined };
    expect((await runEngine('embedded', options)).engine).toBe('embedded');
  });
});

/** Runs a script in a process of its own: whether that ends by itself is part of what is tested. */
async function inChild(
  script: string,
  url: string,
): Promise<{ exitCode: number; lines: string[]; log: string }> {
  const main = fileURLToPath(new URL('./child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main, scriptPath(script), url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let log = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  const guard = setTimeout(() => child.kill('SIGKILL'), 45_000);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(guard);
  return { exitCode: exitCode ?? -1, lines: out.split('\n').filter((line) => line !== ''), log };
}
