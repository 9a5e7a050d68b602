/** What the thread of a VU tells and nobody answers: lines, logs, exceptions, checks, samples. */
import type { Metric } from '../k6/metrics.ts';
import type { RunState } from '../k6/run-state.ts';
import type { FromThread } from './messages.ts';

export class ToldByThread {
  private readonly run: RunState;
  private readonly onUnwritten: (error: Error) => void;
  /** By the number that the thread has for it. */
  private readonly metrics = new Map<number, Metric>();

  /** `onUnwritten`: a line did not get into the history. */
  constructor(run: RunState, onUnwritten: (error: Error) => void) {
    this.run = run;
    this.onUnwritten = onUnwritten;
  }

  /** Hears it, also of a thread that is ended; false: it is something else, and not heard. */
  takes(message: FromThread): boolean {
    const { run } = this;
    switch (message.kind) {
      case 'line':
        this.line(message.line);
        return true;
      case 'log':
        run.log(message.level, message.text);
        return true;
      case 'warn-once':
        run.warnOnce(message.text);
        return true;
      case 'exception':
        run.exceptions.add(message.text);
        return true;
      case 'check':
        run.tally(message.name, message.group, message.ok);
        return true;
      case 'metric':
        this.metrics.set(message.number, run.registry.define(message.name, message.type, message.contains));
        return true;
      case 'samples':
        this.samples(message.samples);
        return true;
      default:
        return false;
    }
  }

  private line(line: string): void {
    try {
      this.run.onLine(line);
    } catch (error) {
      this.onUnwritten(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private samples(samples: readonly number[]): void {
    for (let at = 0; at + 2 < samples.length;) {
      const [number = 0, value = 0, count = 0] = samples.slice(at, at + 3);
      const metric = this.metrics.get(number);
      metric?.addTo(value, samples.slice(at + 3, at + 3 + count));
      at += 3 + count;
    }
  }
}
