/** The engine's thread: what a script cannot do to the process, what is told of it, and what is never lost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { runEmbedded } from '../../harness/engine/embedded.ts';
import { outboxMemory, OutboxReader, OutboxWriter } from '../../harness/engine/outbox.ts';
import { run } from './run.ts';

const STALL_MS = 3_000;

describe('a script that never gives its thread back', () => {
  test('is ended, its lines are kept, and the place is named', async () => {
    const { result, lines, log } = await run('embedded', 'never-yields.js', { stallMs: STALL_MS });
    expect(result.exitCode).toBe(102);
    expect(lines).toContainEqual({ event: 'before', vu: 2 });
    expect(result.reason).toContain('did not give its thread back for 3 seconds');
    expect(result.reason).toContain('VU 2 of scenario main, in redeem');
    expect(result.reason).toMatch(/at spin \(.*never-yields\.js:6:\d+\)/);
    expect(log).toContain(result.reason);
  });

  test('is ended at its top level as well', async () => {
    const { result, lines } = await run('embedded', 'never-yields-at-top.js', { stallMs: STALL_MS });
    expect(result.exitCode).toBe(102);
    expect(lines).toEqual([{ event: 'loaded' }]);
    expect(result.reason).toContain('at the top level');
    expect(result.reason).toMatch(/never-yields-at-top\.js:3:\d+/);
  });

  test('is ended in a VU that has a thread of its own as well', async () => {
    const { result, lines } = await run('embedded', 'never-yields-in-thread.js', { stallMs: STALL_MS });
    expect(result.exitCode).toBe(102);
    expect(result.reason).toContain('VU 2 of scenario main, in default');
    expect(result.reason).toMatch(/at spin \(.*never-yields-in-thread\.js:13:\d+\)/);
    expect(lines).toContainEqual({ event: 'before', vu: 2 });
    // The engine's own thread turns: what the others did is counted.
    expect(result.metrics['http_reqs']?.['count']).toBeGreaterThan(0);
  });

  test('leaves the process and its next run alone', async () => {
    await run('embedded', 'never-yields.js', { stallMs: STALL_MS });
    expect((await run('embedded', 'shared-iterations.js')).result.exitCode).toBe(0);
  });

  test('one that computes for long, but less than that, is not ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    try {
      const script = join(folder, 'busy.js');
      writeFileSync(
        script,
        'export default function () { const until = Date.now() + 500; while (Date.now() < until); }\n',
      );
      const result = await runEmbedded({ script, env: {}, onLine: () => undefined, stallMs: 20_000 });
      expect(result).toMatchObject({ exitCode: 0, iterations: 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what a script throws', () => {
  test('is counted by message and place', async () => {
    const { result } = await run('embedded', 'throws-often.js');
    expect(result.exceptions?.map(({ message, count }) => [message, count])).toEqual([
      ['RangeError: no points', 3],
      ['Error: no reward', 2],
    ]);
    expect(result.exceptions?.[0]?.place).toMatch(/^redeem \(.*throws-often\.js:4:\d+\)$/);
    expect(result.exceptions?.[1]?.place).toMatch(/^redeem \(.*throws-often\.js:5:\d+\)$/);
  });

  test('is not told of a run without exceptions', async () => {
    expect((await run('embedded', 'no-setup.js')).result.exceptions).toBeUndefined();
  });
});

describe('sleep', () => {
  const warning = 'sleep() was not awaited';

  test('that nobody awaits is warned of once', async () => {
    const { log } = await run('embedded', 'sleep-not-awaited.js');
    expect(log.split(warning)).toHaveLength(2);
  });

  test('that is awaited is not', async () => {
    expect((await run('embedded', 'sleep-awaited.js')).log).not.toContain(warning);
  });
});

describe('more VUs than realms', () => {
  const source = (vus: number): string =>
    `export const options = { scenarios: { main: { executor: 'per-vu-iterations', vus: ${vus}, iterations: 1 } } };
     export default function () { globalThis.mark = (globalThis.mark ?? 0) + 1; if (globalThis.mark > 1) console.log(JSON.stringify({ shared: true })); }\n`;

  test.each([
    [200, 0, false],
    [201, 200, true],
  ])('%i VUs: %i see what another left, and it is said: %s', async (vus, seen, isSaid) => {
    const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
    try {
      const script = join(folder, 'many.js');
      writeFileSync(script, source(vus));
      const lines: string[] = [];
      const log: string[] = [];
      const result = await runEmbedded({
        script,
        env: {},
        onLine: (line) => lines.push(line),
        onLog: (_level, text) => log.push(text),
      });
      expect(result).toMatchObject({ exitCode: 0, iterations: vus });
      expect(lines).toHaveLength(seen);
      expect(log.some((text) => text.includes('share their globals'))).toBe(isSaid);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the ring between the threads', () => {
  function pair(): { writer: OutboxWriter; drain: () => string[]; wakes: () => number } {
    const memory = outboxMemory();
    let wakes = 0;
    const writer = new OutboxWriter(memory, () => wakes++);
    const reader = new OutboxReader(memory);
    const drain = (): string[] => {
      const found: string[] = [];
      reader.drain((kind, text) => found.push(`${kind} ${text}`));
      return found;
    };
    return { writer, drain, wakes: () => wakes };
  }

  test('gives what was put in, in order, and wakes the reader once', () => {
    const { writer, drain, wakes } = pair();
    writer.put('line', '{"a":"ü€😀"}');
    writer.put('log', 'info\n');
    expect(drain()).toEqual(['line {"a":"ü€😀"}', 'log info\n']);
    expect(wakes()).toBe(1);
    expect(drain()).toEqual([]);
    writer.put('line', 'again');
    expect(wakes()).toBe(2);
  });

  test('gives a text whole that is longer than a part, cut in no character', () => {
    const { writer, drain } = pair();
    const long = `x${'😀'.repeat(100_000)}`;
    writer.put('line', long);
    writer.put('line', 'after');
    expect(drain()).toEqual([`line ${long}`, 'line after']);
  });

  test('goes round its end many times', () => {
    const { writer, drain } = pair();
    const texts = Array.from({ length: 3_000 }, (_, index) => `${index} ${'é'.repeat((index * 37) % 5_000)}`);
    const found: string[] = [];
    for (const [index, text] of texts.entries()) {
      writer.put('line', text);
      if (index % 50 === 49) found.push(...drain());
    }
    found.push(...drain());
    expect(found).toEqual(texts.map((text) => `line ${text}`));
  });

  test('goes on after a reader that threw', () => {
    const memory = outboxMemory();
    const writer = new OutboxWriter(memory, () => undefined);
    const reader = new OutboxReader(memory);
    for (const text of ['one', 'two', 'three']) writer.put('line', text);
    expect(() =>
      reader.drain(() => {
        throw new Error('full');
      }),
    ).toThrow('full');
    const found: string[] = [];
    reader.drain((_kind, text) => found.push(text));
    expect(found).toEqual(['two', 'three']);
  });
});
