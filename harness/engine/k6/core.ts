/** The module `k6`. */
import { parseDurationMs } from '../duration.ts';
import type { Tagged } from './metrics.ts';
import type { CheckTally } from './run-state.ts';
import { textOf } from './text.ts';
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

/** Resolves after so many seconds. k6 blocks here; with `await` a script does the same in both. */
function sleep(vu: VuContext, seconds: unknown): Promise<void> {
  const delayMs = parseDurationMs(Number(seconds));
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
  let passed = true;
  for (const [name, test] of Object.entries(sets)) {
    if (name.includes(GROUP_SEPARATOR)) throw new Error("group and check names may not contain '::'");
    const { ok, thrown } = checked(test, value);
    passed = passed && ok;
    tally(vu, name, ok, tags);
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

function tally(vu: VuContext, name: string, ok: boolean, tags: unknown): void {
  const { checks, registry } = vu.run;
  const path = `${vu.group}${GROUP_SEPARATOR}${name}`;
  let entry = checks.get(path);
  if (entry === undefined) {
    entry = { name, group: vu.group, passes: 0, fails: 0 } satisfies CheckTally;
    checks.set(path, entry);
  }
  if (ok) entry.passes++;
  else entry.fails++;
  registry.checks.add(ok ? 1 : 0, new CheckTags(vu, name, tags));
}

/** A check's sample: the tag `check`, those of the call, those of the VU. */
class CheckTags implements Tagged {
  private readonly vu: VuContext;
  private readonly name: string;
  private readonly tags: unknown;

  constructor(vu: VuContext, name: string, tags: unknown) {
    this.vu = vu;
    this.name = name;
    this.tags = tags;
  }

  tag(name: string): string | undefined {
    if (name === 'check' && this.vu.run.options.systemTags.has(name)) return this.name;
    return ownTag(this.tags, name) ?? this.vu.tag(name);
  }
}

/** A tag of an object that a script gave, as text. */
export function ownTag(tags: unknown, name: string): string | undefined {
  if (typeof tags !== 'object' || tags === null) return undefined;
  const value = (tags as Record<string, unknown>)[name];
  return value === undefined || value === null ? undefined : textOf(value);
}

function group(vu: VuContext, name: unknown, body: unknown): unknown {
  if (vu.phase === 'init') throw new Error('using group() in the init context is not supported');
  if (typeof body !== 'function') throw new Error('group() requires a callback as a second argument');
  if (body.constructor.name === 'AsyncFunction') {
    throw new Error('group() does not support async functions as arguments');
  }
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
