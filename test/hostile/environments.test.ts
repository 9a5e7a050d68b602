import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/cli.ts';
import { Lanes } from '../support/lanes.ts';
import { ENVIRONMENTS } from './environments.ts';
import { leakIn, SECRET } from './secret.ts';
import { masked } from './shape.ts';
import { descendantsOf, filesIn, leakingFiles, peakBytesOf, processesWith } from './traces.ts';

const BUILT = process.env['ONCEPROOF_BUILT_CLI'];
const ARGUMENTS =
  BUILT === undefined
    ? ['--import', import.meta.resolve('tsx'), join(projectRoot, 'harness/cli.ts')]
    : [BUILT];

const COMPILED = `tsx-${process.getuid?.() ?? ''}`;
/** Of any process of a run. */
const PEAK_BYTES = 400 * 1024 * 1024;
/** What a script may take at most, also on a busy machine. */
const BOUND_MS = 90_000;
/** Memory is read so often: what a process takes in its last moment is not seen. */
const LOOK_MS = 50;
/** So often it is looked whether what was ended has gone. */
const LOOKS = 100;

/** Three at once: they wait for their processes more than they work. */
const shells = new Lanes([1, 2, 3]);

interface Left {
  readonly code: number | null;
  readonly said: string;
  readonly peakBytes: number;
  /** Processes that were started and are still there, whoever is their parent by now. */
  readonly processes: readonly string[];
}

/** In a shell of its own, with every stream as the script has it, and with a mark that all of its processes carry. */
async function shell(script: string, folder: string, temporary: string): Promise<Left> {
  const mark = `ONCEPROOF_HOSTILE=${randomUUID()}`;
  const [name = '', value] = mark.split('=');
  const child = spawn('/bin/bash', ['-c', script], {
    cwd: folder,
    env: {
      ...process.env,
      NO_COLOR: '1',
      CLI: [process.execPath, ...ARGUMENTS].join(' '),
      TMPDIR: temporary,
      TOKEN: SECRET,
      [name]: value,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid = 0 } = child;
  let said = '';
  let peakBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const look = (): void => {
    // A shell becomes its last command: it counts itself.
    peakBytes = Math.max(peakBytes, ...[pid, ...descendantsOf(pid)].map(peakBytesOf));
  };
  look();
  const looking = setInterval(look, LOOK_MS);
  const bound = setTimeout(() => {
    for (const each of descendantsOf(pid)) process.kill(each, 'SIGKILL');
    child.kill('SIGKILL');
  }, BOUND_MS);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  clearTimeout(bound);
  clearInterval(looking);
  let processes = processesWith(mark);
  for (let looks = 0; looks < LOOKS && processes.length > 0; looks++) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    processes = processesWith(mark);
  }
  return { code, said, peakBytes, processes };
}

describe('environments', () => {
  test('are at least 25, no two of which differ in a value only', () => {
    const titles = ENVIRONMENTS.map(({ title }) => masked(title));
    const shapes = ENVIRONMENTS.map(({ input }) => input.replace(/\d+/g, '#'));
    expect(ENVIRONMENTS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(titles).size).toBe(titles.length);
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  test.concurrent.for(ENVIRONMENTS.map((each) => [each.title, each] as const))(
    '%s',
    async ([, { input, code, line }], { expect }) => {
      const folder = mkdtempSync(join(tmpdir(), 'onceproof-hostile-'));
      const temporary = join(folder, 'temporary');
      mkdirSync(temporary);
      // Where the compiler keeps what it compiled: a link, so that it need not start anew for each row.
      symlinkSync(join(tmpdir(), COMPILED), join(temporary, COMPILED));
      try {
        const left = await shells.use(() => shell(input, folder, temporary));
        expect.soft(left.said).toMatch(line);
        expect.soft(left.said).not.toMatch(/\n {4}at /);
        expect.soft(left.processes).toEqual([]);
        expect.soft(left.peakBytes).toBeGreaterThan(0);
        expect.soft(left.peakBytes).toBeLessThan(PEAK_BYTES);
        expect.soft(filesIn(temporary)).toEqual([COMPILED]);
        expect.soft(leakIn(left.said)).toBeUndefined();
        expect.soft(leakingFiles(folder, filesIn(folder))).toEqual([]);
        expect(left.code).toBe(code);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
