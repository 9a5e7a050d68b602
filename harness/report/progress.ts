/**
 * Progress of a run on stderr: one live block on a terminal, a plain line every 5 s elsewhere.
 * It never throws and never changes a run: whatever goes wrong here is only not shown.
 */

import type { HistoryEvent } from '../history/events.ts';
import { clipped, duration, number, plural, visible } from './format.ts';
import { faultText } from './story.ts';

export interface ProgressOptions {
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  /** What runs, e.g. the scenario's name. */
  readonly title: string;
  /** ms; default Date.now. */
  readonly now?: () => number;
  /** Told as often as the block is drawn, and with each new phase. */
  readonly tell?: (progress: ProgressSnapshot) => void;
  /** Calls `tick` every `intervalMs` until the returned function is called; default setInterval, unref'd. */
  readonly every?: (intervalMs: number, tick: () => void) => () => void;
}

/** How far a run has come. */
export interface ProgressSnapshot {
  /** The scenario's name. */
  readonly title: string;
  /** `running`, `healing`, `settling`. */
  readonly phase: string;
  readonly elapsedMs: number;
  readonly attempts: number;
  readonly retries: number;
  readonly inFlight: number;
  /** Attempts without an answer. */
  readonly undecided: number;
  readonly violations: number;
  /** Faults that are on, in words. */
  readonly faults: readonly string[];
}

export interface Progress {
  /** A follower of the history: counts attempts, retries, what is in flight and which faults are on. */
  readonly event: (event: HistoryEvent) => void;
  /** What the run is doing now: `settling`, `auditing`, `judging`. */
  readonly phase: (name: string) => void;
  readonly violations: (count: number) => void;
  /** Removes the live block (or writes the last plain line). Later calls do nothing. */
  readonly stop: () => void;
}

const LIVE_MS = 200;
const PLAIN_MS = 5000;
/** The rate is that of the last 5 s. */
const RATE_MS = 5000;
const MAX_IN_FLIGHT = 100_000;

interface State {
  readonly startedAt: number;
  phase: string;
  attempts: number;
  retries: number;
  undecided: number;
  violations: number;
  readonly inFlight: Set<string>;
  readonly faults: Map<string, string>;
  /** Attempts by then, oldest first. */
  samples: { readonly at: number; readonly attempts: number }[];
}

export function startProgress(options: ProgressOptions): Progress {
  const now = options.now ?? Date.now;
  const state = emptyState(now());
  const isLive = options.stream.isTTY === true;
  const screen = isLive ? liveScreen(options.stream) : plainScreen(options.stream);
  const tell = quiet(() => options.tell?.(snapshotOf(state, options.title, now())));
  const draw = quiet(() => screen.draw(linesOf(state, options.title, now()), options.stream.columns ?? 80));
  const every = options.every ?? everyInterval;
  const cancelDrawing = every(isLive ? LIVE_MS : PLAIN_MS, draw);
  const cancelTelling = options.tell === undefined ? undefined : every(LIVE_MS, tell);
  let isStopped = false;
  return {
    event: quiet((event: HistoryEvent) => note(state, event)),
    phase: quiet((name: string) => {
      state.phase = name;
      tell();
    }),
    violations: quiet((count: number) => {
      state.violations = count;
    }),
    stop: quiet(() => {
      if (isStopped) return;
      isStopped = true;
      cancelDrawing();
      cancelTelling?.();
      tell();
      if (!isLive) draw();
      screen.clear();
    }),
  };
}

function emptyState(startedAt: number): State {
  return {
    startedAt,
    phase: 'running',
    attempts: 0,
    retries: 0,
    undecided: 0,
    violations: 0,
    inFlight: new Set(),
    faults: new Map(),
    samples: [{ at: startedAt, attempts: 0 }],
  };
}

function note(state: State, event: HistoryEvent): void {
  if (event.type === 'invoke') {
    state.attempts += 1;
    if (!event.attempt.endsWith('.1')) state.retries += 1;
    if (state.inFlight.size < MAX_IN_FLIGHT) state.inFlight.add(event.attempt);
  } else if (event.type === 'complete') {
    state.inFlight.delete(event.attempt);
    if (event.outcome === 'info') state.undecided += 1;
  } else if (event.type === 'fault') {
    if (event.phase === 'start') state.faults.set(event.id, faultText(event));
    else state.faults.delete(event.id);
  }
}

function snapshotOf(state: State, title: string, now: number): ProgressSnapshot {
  const { phase, attempts, retries, undecided, violations } = state;
  return {
    ...{ title, phase, elapsedMs: Math.max(0, now - state.startedAt) },
    ...{ attempts, retries, undecided, violations, inFlight: state.inFlight.size },
    faults: [...new Set(state.faults.values())],
  };
}

/** The block: what runs, its figures, the faults that are on. */
function linesOf(state: State, title: string, now: number): readonly [string, string, string] {
  const figures = [
    `${number(state.attempts)} attempts`,
    `${number(Math.round(rateOf(state, now)))}/s`,
    `${number(state.inFlight.size)} in flight`,
    plural(state.retries, 'retry', 'retries'),
    `${number(state.undecided)} undecided`,
  ];
  const faults = [...new Set(state.faults.values())];
  const on = faults.length === 0 ? 'none' : faults.join(', ');
  return [
    `${visible(title)}: ${visible(state.phase)}, ${duration(Math.max(0, now - state.startedAt))}`,
    figures.join(', '),
    `faults on: ${on}; violations so far: ${number(state.violations)}`,
  ];
}

function rateOf(state: State, now: number): number {
  state.samples.push({ at: now, attempts: state.attempts });
  while (state.samples.length > 2 && (state.samples[1]?.at ?? now) <= now - RATE_MS) state.samples.shift();
  const [first] = state.samples;
  if (!first || now <= first.at) return 0;
  return ((state.attempts - first.attempts) * 1000) / (now - first.at);
}

interface Screen {
  readonly draw: (lines: readonly string[], columns: number) => void;
  readonly clear: () => void;
}

/** Redraws in place: up by the lines drawn before, each line cleared to its end and cut to the width. */
function liveScreen(stream: ProgressOptions['stream']): Screen {
  let drawnCount = 0;
  const home = () => (drawnCount === 0 ? '' : `\u001b[${drawnCount}A`);
  return {
    draw: (lines, columns) => {
      const width = Math.max(20, columns - 1);
      stream.write(`${home()}${lines.map((line) => `\r${clipped(line, width)}\u001b[K\n`).join('')}`);
      drawnCount = lines.length;
    },
    clear: () => {
      if (drawnCount > 0) stream.write(`${home()}\r\u001b[J`);
      drawnCount = 0;
    },
  };
}

function plainScreen(stream: ProgressOptions['stream']): Screen {
  return { draw: (lines) => void stream.write(`${lines.join('; ')}\n`), clear: () => {} };
}

function everyInterval(intervalMs: number, tick: () => void): () => void {
  const timer = setInterval(tick, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** A closed terminal or a broken pipe ends the showing, not the run. */
function quiet<Arguments extends unknown[]>(
  action: (...args: Arguments) => void,
): (...args: Arguments) => void {
  return (...args) => {
    try {
      action(...args);
    } catch {
      // Nothing to do: progress is a courtesy.
    }
  };
}
