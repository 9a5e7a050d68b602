import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
  appendFileSync,
  readFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { findK6, runK6 } from '../../harness/engine/k6-process.ts';
import { readSummary } from '../../harness/engine/k6-summary.ts';
import { Tail } from '../../harness/engine/tail.ts';
import { startDropper } from './dropper.ts';
import { k6, run, withoutK6 } from './run.ts';
import { startServer, type TestServer } from './server.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
  // What is left behind there was left by this test.
  vi.stubEnv('TMPDIR', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A program in k6's place, for what the real one does only when it dies. */
function program(...lines: string[]): string {
  const file = join(folder, 'stand-in');
  writeFileSync(
    file,
    [
      '#!/bin/sh',
      'for part in "$@"; do case "$part" in --console-output=*) out="${part#*=}";; esac; done',
      ...lines,
      '',
    ].join('\n'),
  );
  chmodSync(file, 0o755);
  return file;
}

interface Taken {
  readonly lines: string[];
  readonly log: string[];
}

async function runStandIn(
  file: string,
  taken: Taken,
  env: Record<string, string> = {},
): ReturnType<typeof runK6> {
  return await runK6({
    k6: file,
    script: '/nowhere/script.js',
    env,
    onLine: (line) => taken.lines.push(line),
    onLog: (level, text) => taken.log.push(`${level}: ${text}`),
  });
}

function leftovers(): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('onceproof-k6-'));
}

describe('the tail of a console file', () => {
  test('gives whole lines as they come, and what is torn at the end', () => {
    const file = join(folder, 'console');
    writeFileSync(file, '');
    const lines: string[] = [];
    const tail = new Tail(file, (line) => lines.push(line));
    appendFileSync(file, '{"a":1}\n{"b"');
    tail.read();
    expect(lines).toEqual(['{"a":1}']);
    appendFileSync(file, ':"ü"}\n{"c":');
    tail.read();
    expect(lines).toEqual(['{"a":1}', '{"b":"ü"}']);
    appendFileSync(file, '3');
    expect(tail.end()).toBe('{"c":3');
  });

  test('a character that is cut in two is put together', () => {
    const file = join(folder, 'console');
    writeFileSync(file, '');
    const lines: string[] = [];
    const tail = new Tail(file, (line) => lines.push(line));
    const bytes = Buffer.from('{"a":"€"}\n');
    appendFileSync(file, bytes.subarray(0, 7));
    tail.read();
    appendFileSync(file, bytes.subarray(7));
    expect(tail.end()).toBeUndefined();
    expect(lines).toEqual(['{"a":"€"}']);
  });

  test('lines longer than a chunk stay whole', () => {
    const file = join(folder, 'console');
    const long = JSON.stringify({ text: 'x'.repeat(1_000_000) });
    writeFileSync(file, `${long}\n{"b":1}\n`);
    const lines: string[] = [];
    expect(new Tail(file, (line) => lines.push(line)).end()).toBeUndefined();
    expect(lines).toEqual([long, '{"b":1}']);
  });
});

describe('a k6 that does not do its work', () => {
  test('a program that is not there is named', async () => {
    await expect(runStandIn('/nowhere/k6', { lines: [], log: [] })).rejects.toThrow(
      '/nowhere/k6: k6 cannot be started',
    );
    expect(leftovers()).toEqual([]);
  });

  test('an exit code that no run has is an error with what k6 said last', async () => {
    const file = program('echo "unknown flag: --console-output" >&2', 'exit 255');
    await expect(runStandIn(file, { lines: [], log: [] })).rejects.toThrow(
      'exit code 255: unknown flag: --console-output',
    );
    expect(leftovers()).toEqual([]);
  });

  test('a last line that was torn is left out and told, the lines before it are kept', async () => {
    const taken: Taken = { lines: [], log: [] };
    const file = program('printf \'{"event":"one"}\\n{"event":"tw\' >> "$out"', 'kill -9 $$');
    await expect(runStandIn(file, taken)).rejects.toThrow('SIGKILL');
    expect(taken.lines).toEqual(['{"event":"one"}']);
    expect(taken.log.join()).toContain('torn');
  });

  test('a last line that lacks only its end is kept', async () => {
    const taken: Taken = { lines: [], log: [] };
    const result = await runStandIn(program('printf \'{"event":"one"}\' >> "$out"'), taken);
    expect(taken.lines).toEqual(['{"event":"one"}']);
    expect(result).toMatchObject({ engine: 'k6', exitCode: 0, iterations: 0 });
  });

  test('the environment reaches it as such and not as arguments', async () => {
    const taken: Taken = { lines: [], log: [] };
    const file = program(
      'echo "args $*"',
      'echo "token $TOKEN, report $K6_NO_USAGE_REPORT, path ${PATH_SEEN-none}"',
    );
    const { stdout } = await runStandIn(file, taken, { TOKEN: 'secret' });
    expect(stdout).toContain('token secret, report true');
    expect(stdout?.split('\n').find((line) => line.startsWith('args'))).not.toContain('secret');
  });
});

describe('the search for k6', () => {
  test('a path that is no program finds none', () => {
    expect(findK6(folder)).toBeUndefined();
    expect(findK6(join(folder, 'k6'))).toBeUndefined();
  });

  test('a path to a program is taken as it is', () => {
    const file = program();
    expect(findK6(file)).toBe(file);
  });

  test('a name that is nowhere on the PATH finds none', () => {
    expect(findK6('no-program-has-this-name')).toBeUndefined();
  });
});

test("k6's summary is read into checks over all groups, thresholds that hold, and rates as rates", () => {
  const summary = readSummary(
    JSON.stringify({
      metrics: {
        iterations: { count: 4, rate: 2 },
        dropped_iterations: { count: 3, rate: 1 },
        checks: { passes: 3, fails: 1, value: 0.75, thresholds: { 'rate>0.9': true } },
        http_req_duration: { avg: 1, 'p(95)': 2, thresholds: { 'p(95)<500': false } },
      },
      root_group: {
        checks: { good: { name: 'good', passes: 1, fails: 0 } },
        groups: { inner: { checks: { good: { name: 'good', passes: 2, fails: 1 } }, groups: {} } },
      },
    }),
  );
  expect(summary).toMatchObject({
    iterations: 4,
    dropped: 3,
    checks: [{ name: 'good', passes: 3, fails: 1 }],
    thresholds: [
      { metric: 'checks', expression: 'rate>0.9', ok: false, value: 0.75 },
      { metric: 'http_req_duration', expression: 'p(95)<500', ok: true, value: 2 },
    ],
  });
  expect(summary.metrics['checks']).toEqual({ passes: 3, fails: 1, rate: 0.75 });
});

describe('the real k6 as a child', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer();
  });

  afterEach(async () => {
    await server.close();
  });

  test.skipIf(k6 === undefined)(`a signal reaches it: teardown and the summary run${withoutK6}`, async () => {
    const abort = new AbortController();
    const first = server.arrived('/slow');
    const running = run('k6', 'long.js', { env: { BASE_URL: server.url }, signal: abort.signal });
    await first;
    abort.abort();
    const { result, lines } = await running;
    expect(result.exitCode).toBe(105);
    expect(lines.at(-1)).toEqual({ event: 'teardown' });
    expect(result.stdout).toContain('SUMMARY');
    expect(leftovers()).toEqual([]);
  });

  test.skipIf(k6 === undefined)(`lines arrive while it runs${withoutK6}`, async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const onLine = (line: string): void => {
      seen.push(line);
      // The run would take ten minutes: this ends it, because a line came before its end.
      abort.abort();
    };
    await run('k6', 'long.js', { env: { BASE_URL: server.url }, signal: abort.signal, onLine });
    expect(seen[0]).toBe('{"event":"complete","status":200}');
  });

  test.skipIf(k6 === undefined)(`it resends a keyed POST, hidden from the script${withoutK6}`, async () => {
    const dropper = await startDropper();
    try {
      const env = { BASE_URL: `${dropper.url}/`, METHOD: 'POST' };
      const { lines } = await run('k6', 'resend.js', { env });
      // The embedded engine sends ten and has five fail: see its own test.
      expect(lines).toEqual(Array.from({ length: 10 }, () => ({ status: 200 })));
      expect(dropper.requestCount()).toBe(19);
    } finally {
      await dropper.close();
    }
  });

  test.skipIf(k6 === undefined)(`its arguments hold no secret${withoutK6}`, async () => {
    const abort = new AbortController();
    const first = server.arrived('/slow');
    const env = { BASE_URL: server.url, TOKEN: 'a-secret' };
    const running = run('k6', 'long.js', { env, signal: abort.signal });
    await first;
    const commands = childCommands();
    abort.abort();
    await running;
    expect(commands.some((command) => command.includes('--console-output'))).toBe(true);
    expect(commands.join()).not.toContain('a-secret');
  });

  test.skipIf(k6 === undefined)(`a caller that cannot take a line ends it${withoutK6}`, async () => {
    const onLine = (): void => {
      throw new Error('disk full');
    };
    await expect(run('k6', 'long.js', { env: { BASE_URL: server.url }, onLine })).rejects.toThrow(
      'disk full',
    );
    expect(leftovers()).toEqual([]);
  });
});

/** Command lines of this process's children (Linux). */
function childCommands(): string[] {
  const tasks = readdirSync('/proc/self/task');
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '),
  );
  return children
    .filter((pid) => pid !== '')
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
}
