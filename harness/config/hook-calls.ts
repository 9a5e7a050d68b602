/**
 * Calls a config's hooks: bounded in time, what they return is checked, and what goes wrong names the hook.
 * What no hook can tell (a clock that was only ever set) is remembered here.
 */

import { messageOf } from '../base/errors.ts';
import { withoutSecrets } from '../base/secrets.ts';
import type { LedgerReading } from '../model/protocol.ts';
import type { HooksConfig, LedgerConfig } from './define.ts';
import { boundsItself } from './effects.ts';
import { ledgerOf, tokenOf, wholeInstantOf } from './hook-results.ts';
import { within } from './within.ts';

/** What the bridge can do, as the scripts ask for it. */
export interface HookCapabilities {
  readonly provision: boolean;
  readonly credit: boolean;
  readonly clock: boolean;
  readonly ledger: boolean;
  readonly crash: false;
}

/** One call of a hook. Times: ms since the epoch. */
export interface BridgeEvent {
  readonly hook: keyof HooksConfig;
  readonly customer: string;
  readonly at: number;
  readonly until: number;
  readonly error?: string;
}

/** An answer that is no success. */
export class BridgeError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'BridgeError';
    this.status = status;
    this.code = code;
  }
}

export interface HookCallsOptions {
  readonly hooks: HooksConfig;
  readonly tokenFor?: (customer: string) => Promise<string>;
  readonly onEvent?: (event: BridgeEvent) => void;
  /** ms */
  readonly timeoutMs: number;
}

type Body = Readonly<Record<string, unknown>>;

export interface ClockReading {
  readonly now_ms: number;
  readonly frozen: boolean;
}

/** A clock as it was last left: it stands at `valueMs`, or runs on from there since `setAt`. */
interface KnownClock {
  readonly valueMs: number;
  readonly frozen: boolean;
  readonly setAt: number;
}

export class HookCalls {
  readonly capabilities: HookCapabilities;
  readonly #options: HookCallsOptions;
  readonly #provisioned = new Map<string, string | undefined>();
  readonly #pending = new Map<string, Promise<void>>();
  readonly #clocks = new Map<string, KnownClock>();

  constructor(options: HookCallsOptions) {
    const { hooks } = options;
    this.#options = options;
    this.capabilities = {
      provision: hooks.provision !== undefined,
      credit: hooks.credit !== undefined,
      clock: hooks.setClock !== undefined || hooks.advanceClock !== undefined,
      ledger: hooks.ledger !== undefined,
      crash: false,
    };
  }

  async tokenFor(customer: string): Promise<string> {
    const own = this.#provisioned.get(customer);
    return own ?? (await this.#options.tokenFor?.(customer)) ?? '';
  }

  /** A known customer keeps its points, unless the body says `reset`: it is given its token again. */
  async provision(body: Body): Promise<object> {
    const customer = textIn(body, 'customer_id');
    if (this.#provisioned.has(customer) && body['reset'] !== true) {
      return { customer_id: customer, token: await this.tokenFor(customer) };
    }
    const points = pointsIn(body, 0);
    // A caller that gave up waiting asks again: two calls at once could reset points that are spent already.
    const pending = this.#pending.get(customer) ?? this.#provision(customer, points);
    this.#pending.set(customer, pending);
    try {
      await pending;
    } finally {
      this.#pending.delete(customer);
    }
    return { customer_id: customer, token: await this.tokenFor(customer), balance: points };
  }

  async credit(customer: string, body: Body): Promise<object> {
    const points = pointsIn(body, 1);
    const credit = this.#hook('credit');
    const balance = await this.#call('credit', customer, () => credit({ customer, points }));
    return typeof balance === 'number' ? { balance } : {};
  }

  async ledger(customer: string): Promise<LedgerReading> {
    const ledger = this.#hook('ledger');
    const given: LedgerConfig = await this.#call('ledger', customer, () => ledger({ customer }));
    return this.#checked('ledger', () => ledgerOf(given));
  }

  /** A clock that can only go ahead is read by stopping it: nothing else tells where it is. */
  async readClock(customer: string): Promise<ClockReading> {
    if (!this.capabilities.clock) this.#hook('setClock');
    const hasReading = this.#options.hooks.setClock !== undefined || this.#clocks.has(customer);
    return hasReading ? this.#lastReading(customer) : await this.#advance(customer, 0);
  }

  /** `{advance_ms}` moves and stops, `{now_ms, frozen?}` sets (and stops), `{frozen}` alone stops it or lets it run. */
  async moveClock(customer: string, body: Body): Promise<ClockReading> {
    const { advance_ms: byMs, now_ms: nowMs, frozen = true } = body;
    if (typeof frozen !== 'boolean') throw invalid('frozen', 'true or false');
    if (byMs !== undefined) return await this.#advance(customer, wholeNumber('advance_ms', byMs, 0));
    const target = nowMs === undefined ? undefined : wholeNumber('now_ms', nowMs, 0);
    if (!this.#options.hooks.setClock) return await this.#reach(customer, target, frozen);
    return await this.#set(customer, target ?? this.#lastReading(customer).now_ms, frozen);
  }

  async #provision(customer: string, points: number): Promise<void> {
    const provision = this.#hook('provision');
    const made = await this.#call('provision', customer, () => provision({ customer, points }));
    this.#provisioned.set(
      customer,
      this.#checked('provision', () => tokenOf(made)),
    );
    this.#clocks.delete(customer);
  }

  async #advance(customer: string, byMs: number): Promise<ClockReading> {
    const { advanceClock } = this.#options.hooks;
    if (!advanceClock) return await this.#set(customer, this.#lastReading(customer).now_ms + byMs, true);
    const given = await this.#call('advanceClock', customer, () => advanceClock({ customer, byMs }));
    const valueMs = this.#checked('advanceClock', () => wholeInstantOf(given));
    return this.#left(customer, valueMs, true);
  }

  async #set(customer: string, nowMs: number, frozen: boolean): Promise<ClockReading> {
    const setClock = this.#hook('setClock');
    await this.#call('setClock', customer, () => setClock({ customer, nowMs, frozen }));
    return this.#left(customer, nowMs, frozen);
  }

  /** With a clock that can only go ahead: look where it stands, then go the rest of the way. It stays stopped. */
  async #reach(customer: string, nowMs: number | undefined, frozen: boolean): Promise<ClockReading> {
    if (nowMs === undefined && !frozen) return await this.readClock(customer);
    const standing = await this.#advance(customer, 0);
    if (nowMs === undefined || nowMs === standing.now_ms) return standing;
    if (nowMs > standing.now_ms) return await this.#advance(customer, nowMs - standing.now_ms);
    throw new BridgeError(
      409,
      'clock_behind',
      `the clock stands at ${standing.now_ms} and cannot go back to ${nowMs}`,
    );
  }

  #lastReading(customer: string): ClockReading {
    const clock = this.#clocks.get(customer);
    if (clock === undefined) return { now_ms: Date.now(), frozen: false };
    const ranMs = clock.frozen ? 0 : Date.now() - clock.setAt;
    return { now_ms: clock.valueMs + ranMs, frozen: clock.frozen };
  }

  #left(customer: string, valueMs: number, frozen: boolean): ClockReading {
    this.#clocks.set(customer, { valueMs, frozen, setAt: Date.now() });
    return { now_ms: valueMs, frozen };
  }

  #hook<K extends keyof HooksConfig>(name: K): NonNullable<HooksConfig[K]> {
    const hook = this.#options.hooks[name];
    if (hook !== undefined) return hook;
    throw new BridgeError(404, 'hook_absent', `the config has no hook ${name}`);
  }

  async #call<T>(hook: keyof HooksConfig, customer: string, run: () => T | Promise<T>): Promise<T> {
    const { onEvent, timeoutMs } = this.#options;
    const at = Date.now();
    try {
      const given = this.#options.hooks[hook];
      const isBounded = given !== undefined && boundsItself(given);
      const value = isBounded ? await run() : await within(Promise.resolve().then(run), timeoutMs);
      onEvent?.({ hook, customer, at, until: Date.now() });
      return value;
    } catch (error) {
      // Scripts cut it, and half a secret would not be found any more.
      const message = withoutSecrets(`hook ${hook}: ${messageOf(error)}`);
      onEvent?.({ hook, customer, at, until: Date.now(), error: message });
      throw new BridgeError(500, 'hook_failed', message);
    }
  }

  #checked<T>(hook: keyof HooksConfig, read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw new BridgeError(500, 'hook_failed', `hook ${hook}: ${messageOf(error)}`);
    }
  }
}

function textIn(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw invalid(name, 'a text');
  return value;
}

function pointsIn(body: Body, min: number): number {
  return wholeNumber('points', body['points'], min);
}

function wholeNumber(name: string, value: unknown, min: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value;
  throw invalid(name, `a whole number of at least ${min}`);
}

function invalid(name: string, expected: string): BridgeError {
  return new BridgeError(400, 'invalid_request', `${name}: expected ${expected}`);
}
