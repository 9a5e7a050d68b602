/** Fault windows of a run, bounded: beyond 500 the neighbours of one kind are drawn as one. */

import type { FaultEvent, FaultKind } from '../history/events.ts';

export interface FaultWindow {
  readonly name: string;
  readonly kind: FaultKind;
  readonly target: string;
  readonly startAt: number;
  /** Absent: it was still on when the history ended. */
  readonly endAt?: number;
  /** How many faults this window stands for. */
  readonly count: number;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export const MAX_WINDOWS = 500;
/** Faults that are on at once; more than this is a history that never ends its faults. */
const MAX_OPEN = 2000;

type Open = { -readonly [K in keyof FaultWindow]: FaultWindow[K] };

/** Pairs starts with ends by id. An end without a start is ignored; a start without an end stays open. */
export class FaultRecorder {
  readonly #open = new Map<string, Open>();
  #closed: Open[] = [];

  add(event: FaultEvent): void {
    if (event.phase === 'start') this.#start(event);
    else this.#end(event);
  }

  /** In order of their start. */
  result(): readonly FaultWindow[] {
    const all = [...this.#closed, ...this.#open.values()];
    return merged(all, MAX_WINDOWS).toSorted((a, b) => a.startAt - b.startAt);
  }

  #start(event: FaultEvent): void {
    if (this.#open.size >= MAX_OPEN) return;
    const { name, kind, target, detail } = event;
    const window: Open = { name, kind, target, startAt: event.at, count: 1 };
    if (detail) window.detail = detail;
    this.#open.set(event.id, window);
  }

  #end(event: FaultEvent): void {
    const window = this.#open.get(event.id);
    if (!window) return;
    this.#open.delete(event.id);
    window.endAt = Math.max(event.at, window.startAt);
    this.#closed.push(window);
    if (this.#closed.length > 2 * MAX_WINDOWS) this.#closed = merged(this.#closed, MAX_WINDOWS);
  }
}

/** At most about `limit` windows: neighbours of one name and target whose gap is among the smallest become one. */
function merged(windows: readonly Open[], limit: number): Open[] {
  let gapMs = 1;
  let list = [...windows];
  while (list.length > limit && gapMs < 1e12) {
    list = mergedWithin(list, gapMs);
    gapMs *= 4;
  }
  return list.slice(0, limit);
}

function mergedWithin(windows: readonly Open[], gapMs: number): Open[] {
  const last = new Map<string, Open>();
  const result: Open[] = [];
  for (const window of windows.toSorted((a, b) => a.startAt - b.startAt)) {
    const name = `${window.kind}\n${window.name}\n${window.target}`;
    const before = last.get(name);
    if (before?.endAt !== undefined && window.startAt - before.endAt <= gapMs) {
      if (window.endAt === undefined) delete before.endAt;
      else before.endAt = Math.max(before.endAt, window.endAt);
      before.count += window.count;
      delete before.detail;
      continue;
    }
    const copy = { ...window };
    last.set(name, copy);
    result.push(copy);
  }
  return result;
}
