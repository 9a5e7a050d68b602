import { describe, expect, test } from 'vitest';
import { startProgress, type ProgressOptions } from '../../harness/report/progress.ts';
import { complete, fault, invoke, unanswered } from './samples.ts';

function stage(isTTY: boolean, over: Partial<ProgressOptions> = {}) {
  const written: string[] = [];
  const clock = { now: 1000, tick: () => {}, intervalMs: 0, isCancelled: false };
  const progress = startProgress({
    stream: { isTTY, columns: 80, write: (text) => written.push(text) },
    title: 'retry-storm',
    now: () => clock.now,
    every: (intervalMs, tick) => {
      Object.assign(clock, { intervalMs, tick });
      return () => {
        clock.isCancelled = true;
      };
    },
    ...over,
  });
  return { progress, clock, written };
}

describe('progress', () => {
  test('a pipe gets one plain line every 5 s and one at the end', () => {
    const { progress, clock, written } = stage(false);
    expect(clock.intervalMs).toBe(5000);
    progress.event(invoke('a.1', 0));
    progress.event(unanswered('a.1', 5, 'reset'));
    progress.event(invoke('a.2', 6));
    progress.event(fault('f', 'start', 7));
    progress.violations(2);
    clock.now = 6000;
    clock.tick();
    progress.event(complete('a.2', 8));
    progress.event(fault('f', 'end', 9));
    progress.phase('settling');
    clock.now = 11_000;
    progress.stop();
    progress.stop();
    expect(written).toEqual([
      'retry-storm: running, 5 s; 2 attempts, 0/s, 1 in flight, 1 retry, 1 undecided; faults on: latency on replica-1; violations so far: 2\n',
      'retry-storm: settling, 10 s; 2 attempts, 0/s, 0 in flight, 1 retry, 1 undecided; faults on: none; violations so far: 2\n',
    ]);
    expect(clock.isCancelled).toBe(true);
  });

  test('the rate is that of the last seconds', () => {
    const { progress, clock, written } = stage(false);
    for (let index = 0; index < 1000; index++) progress.event(invoke(`a-${index}.1`, 0));
    clock.now = 6000;
    clock.tick();
    clock.now = 11_000;
    clock.tick();
    expect(written[0]).toContain('1,000 attempts, 200/s');
    expect(written[1]).toContain('1,000 attempts, 0/s');
  });

  test('a terminal gets a block that is redrawn in place, cut to its width, and removed at the end', () => {
    const { progress, clock, written } = stage(true);
    for (let index = 0; index < 20; index++)
      progress.event(fault(`f${index}`, 'start', 0, { target: `replica-${index}` }));
    clock.tick();
    clock.tick();
    progress.stop();
    const [first = '', second = '', last = ''] = written;
    expect(first.startsWith('\r')).toBe(true);
    expect(second.startsWith('\u001b[3A\r')).toBe(true);
    expect(last).toBe('\u001b[3A\r\u001b[J');
    for (const line of first.split('\n'))
      expect(line.replace('\r', '').replace('\u001b[K', '').length).toBeLessThanOrEqual(79);
  });

  test('a stream that throws does not stop the run', () => {
    const { progress, clock } = stage(true, {
      stream: {
        isTTY: true,
        write: () => {
          throw new Error('EPIPE');
        },
      },
    });
    expect(() => {
      clock.tick();
      progress.event(invoke('a.1', 0));
      progress.stop();
    }).not.toThrow();
  });
});
