/** The module `k6`. */
import { parseDurationMs } from '../duration.ts';
import type { Tagged } from './metrics.ts';
import { SampleTags } from './sample-tags.ts';
import { asText, textOf } from './text.ts';
import type { VuContext } from './vu-context.ts';

const GROUP_SEPARATOR = '::';

export function coreModule(vu: VuContext): object {
  return {
    check: (value: unknown, sets: unknown, tags?: unknown) => check(vu, value, sets, tags),
    group: (name: unknown, body: unknown) => group(vu, name, body),
    sleep: (seconds: unknown) => sleep(vu, seconds),
    fail: (message?: unknown) => {
      throw new Error(textOf(message));
    },
    randomSeed: (seed: unknown) => {
      vu.random = seeded(Number(seed));
    },
  };
}

/** Blocks for so many seconds where the VU has a thread of its own, else resolves after them. */
function sleep(vu: VuContext, seconds: unknown): Promise<void> | undefined {
  const delayMs = parseDurationMs(Number(seconds));
  if (vu.run.blocking !== undefined) {
    vu.run.blocking.sleep(delayMs === undefined ? 0 : delayMs * 1_000);
    return undefined;
  }
  vu.sleeps++;
  return vu.realm.promise((resolve) => {
    vu.timers.setTimeout(
      () => {
        vu.sleeps--;
        resolve();
      },
      delayMs === undefined ? 0 : delayMs * 1_000,
    );
  });
}

function check(vu: VuContext, value: unknown, sets: unknown, tags: unknown): boolean {
  if (vu.phase === 'init') throw new Error('using check() in the init context is not supported');
  if (typeof sets !== 'object' || sets === null) throw new Error('no checks provided to `check`');
  const given = tags === undefined ? vu : new SampleTags(vu, tags);
  let passed = true;
  for (const [name, test] of Object.entries(sets)) {
    if (name.includes(GROUP_SEPARATOR)) throw new Error("group and check names may not contain '::'");
    const { ok, thrown } = checked(test, value);
    passed = passed && ok;
    tally(vu, name, ok, given);
    if (thrown !== undefined) throw thrown.error;
  }
  return passed;
}

function checked(test: unknown, value: unknown): { ok: boolean; thrown?: { readonly error: unknown } } {
  if (typeof test !== 'function') return { ok: Boolean(test) };
  if (test.constructor.name === 'AsyncFunction') {
    throw new Error('the built-in check() does not support async functions as arguments');
  }
  try {
    return { ok: Boolean((test as (value: unknown) => unknown)(value)) };
  } catch (error) {
    return { ok: false, thrown: { error } };
  }
}

function tally(vu: VuContext, name: string, ok: boolean, given: Tagged): void {
  vu.run.tally(name, vu.group, ok);
  vu.run.registry.checks.add(ok ? 1 : 0, new CheckTags(vu, name, given));
}

/** A check's sample: the tag `check`, those of the call, those of the VU. */
class CheckTags implements Tagged {
  private readonly vu: VuContext;
  private readonly name: string;
  private readonly given: Tagged;

  constructor(vu: VuContext, name: string, given: Tagged) {
    this.vu = vu;
    this.name = name;
    this.given = given;
  }

  tag(name: string): string | undefined {
    if (name === 'check' && this.vu.run.options.systemTags.has(name)) return this.name;
    return this.given.tag(name);
  }
}

function group(vu: VuContext, name: unknown, body: unknown): unknown {
  if (vu.phase === 'init') throw new Error('using group() in the init context is not supported');
  if (typeof body !== 'function') throw new Error('group() requires a callback as a second argument');
  if (body.constructor.name === 'AsyncFunction') {
    throw new Error('group() does not support async functions as arguments');
  }
  if (asText(name).includes(GROUP_SEPARATOR)) throw new Error("group and check names may not contain '::'");
  const outer = vu.group;
  vu.group = `${outer}${GROUP_SEPARATOR}${String(name)}`;
  const startedAt = performance.now();
  try {
    return (body as () => unknown)();
  } finally {
    vu.run.registry.groupDuration.add(performance.now() - startedAt, vu);
    vu.group = outer;
  }
}

/** mulberry32: the same seed gives the same sequence, not the one of k6. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
