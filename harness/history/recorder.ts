/** Brings every source of events into one history file, and shows each event to those who follow the run. */

import { encodeEvent, decodeLine } from './codec.ts';
import { eventSchemas } from './schema.ts';
import type { HistoryWriter } from './writer.ts';
import type { EndEvent, HistoryEvent } from './events.ts';

export type Follower = (event: HistoryEvent) => void;

export class Recorder {
  readonly #writer: HistoryWriter;
  readonly #followers: readonly Follower[];
  readonly #counts: Record<string, number> = {};
  #badLine: unknown;
  /** Takes JSON that a script printed for itself. */
  onOther: (line: string) => void = () => undefined;
  #hasEnded = false;
  #failure: unknown;

  constructor(writer: HistoryWriter, followers: readonly Follower[]) {
    this.#writer = writer;
    this.#followers = followers;
  }

  /** An event of the harness itself. Never throws, since it is called by sockets and timers: see `failure`. */
  readonly write = (event: HistoryEvent): void => {
    if (this.#hasEnded) return;
    this.#keep(encodeEvent(event));
    this.#follow(event);
  };

  /**
   * A line that a script printed. One whose type is none of the history's is the script's own (`onOther`); one that is no
   * event otherwise is kept out and makes `firstBadLine`. Throws when the history
   * cannot be written any more: more load would leave no evidence.
   */
  readonly line = (line: string): void => {
    if (this.#hasEnded) return;
    let event: HistoryEvent;
    try {
      event = decodeLine(line, 'script output');
    } catch (error) {
      if (isOther(line)) this.onOther(line);
      else this.#badLine ??= error;
      return;
    }
    this.#keep(line);
    this.#follow(event);
    if (this.#failure !== undefined) throw this.#failure;
  };

  /** Writes the history's last event and closes it: whatever still comes, comes too late to be evidence, and is let go. */
  end(event: EndEvent): void {
    this.write(event);
    this.#hasEnded = true;
    try {
      this.#writer.close();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** Why an event could not be written, if one could not (a full disk). */
  get failure(): unknown {
    return this.#failure;
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  /** What was wrong with the first line that was no event, if there was one. */
  get firstBadLine(): unknown {
    return this.#badLine;
  }

  #keep(line: string): void {
    try {
      this.#writer.writeLine(line);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #follow(event: HistoryEvent): void {
    this.#counts[event.type] = (this.#counts[event.type] ?? 0) + 1;
    for (const follower of this.#followers) follower(event);
  }
}

/** JSON that does not say that it is an event. */
function isOther(line: string): boolean {
  try {
    const { type } = JSON.parse(line) as { readonly type?: unknown };
    return typeof type !== 'string' || !Object.hasOwn(eventSchemas, type);
  } catch {
    return false;
  }
}
