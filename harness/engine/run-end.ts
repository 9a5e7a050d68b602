/** How a run comes to its end before its time: by its script, a threshold, a signal, its limit, an error of the harness. */
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';
import { EXIT } from './types.ts';

/** What the run ended with. */
export interface Ending {
  readonly exitCode: number;
  readonly reason: string;
}

/** A scenario that runs, as far as it is ended from here. */
type Running = Pick<Session, 'stop' | 'kill'>;

export class RunEnd {
  /** The first one counts. Undefined: it ended as planned, or did not end yet. */
  ending: Ending | undefined = undefined;
  /** What the script asked for is not in this engine, or the engine failed: the run has no result. */
  refusal: Error | undefined = undefined;
  /** Nothing begins any more. */
  isEarly = false;
  private wake: () => void = () => undefined;
  /** Resolves when it ends before its time. */
  readonly early = new Promise<void>((resolve) => {
    this.wake = resolve;
  });
  private readonly running = new Set<Running>();
  private readonly signal: AbortSignal;
  private readonly limit: AbortSignal;

  constructor({ signal, cut }: Pick<RunOptions, 'signal' | 'cut'>) {
    this.signal = signal;
    this.limit = cut;
  }

  /** From now on the caller may end the run. */
  listen(): void {
    const { signal, limit } = this;
    signal.addEventListener('abort', this.onSignal);
    if (signal.aborted) this.onSignal();
    limit.addEventListener('abort', this.onLimit);
    if (limit.aborted) this.onLimit();
  }

  close(): void {
    this.signal.removeEventListener('abort', this.onSignal);
    this.limit.removeEventListener('abort', this.onLimit);
  }

  /** A scenario has begun: it ends with the run. */
  began(running: Running): void {
    this.running.add(running);
  }

  ended(running: Running): void {
    this.running.delete(running);
  }

  /** The run goes on, and this is what it will have ended with. */
  mark(ending: Ending): void {
    this.ending ??= ending;
  }

  /** Ends the run with its iterations where they stand. */
  abort(ending: Ending): void {
    this.endEarly(ending, (running) => running.kill());
  }

  /** Ends it with an error of the harness. */
  refuse(error: Error): void {
    this.refusal ??= error;
    this.abort({ exitCode: EXIT.exception, reason: error.message });
  }

  /** Iterations that run may end within their graceful stop; k6 cuts them. */
  private readonly onSignal = (): void =>
    this.endEarly({ exitCode: EXIT.signal, reason: 'stopped by a signal' }, (running) => running.stop());

  private readonly onLimit = (): void => this.abort({ exitCode: EXIT.signal, reason: 'its time is over' });

  private endEarly(ending: Ending, end: (running: Running) => void): void {
    this.mark(ending);
    this.isEarly = true;
    for (const running of this.running) end(running);
    this.wake();
  }
}
