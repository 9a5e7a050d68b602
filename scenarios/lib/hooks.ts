/** The target's hooks: customers with points, their clocks, top-ups, pauses at a named point. Each move is written into the history. */
import exec from 'k6/execution';
import http from 'k6/http';

import type { Capabilities } from '../../harness/history/events.ts';
import { fillPath, HOOK_PATHS, type CrashPoint } from '../../harness/model/protocol.ts';
import { emit, now } from './events.ts';
import { pause } from './pause.ts';
import type { Settings } from './settings.ts';
import type { Party, Story } from './story.ts';

/** Hooks share the store with the endpoint, so they meet its faults too: they are asked again for this long, ms. */
const PATIENCE_MS = 20_000;
/** A function that was called and threw is not mended by waiting, unless a fault of this run is why. */
const FAILED_PATIENCE_MS = 8000;
/** Before the run nothing is broken yet: what does not answer then is not there. */
const SETUP_PATIENCE_MS = 2000;
const PAUSE_MS = 200;

type Json = Readonly<Record<string, unknown>>;

interface HookAnswer {
  readonly status: number;
  readonly body: Json;
}

/** What the hooks offer, with what is known beforehand on top. Throws when they cannot be reached. */
export async function askCapabilities(settings: Settings): Promise<Partial<Capabilities>> {
  if (settings.hooks === undefined)
    return { provision: false, credit: false, clock: false, ...settings.capabilities };
  const { body } = await patiently(settings, 'GET', HOOK_PATHS.capabilities, undefined, SETUP_PATIENCE_MS);
  return { ...(body as Partial<Capabilities>), ...settings.capabilities };
}

/** Whether this VU ever had a customer. */
let hasProvisioned = false;

/** Makes a customer with points, or gives a known one a new token. Ends the test where none can be made. */
export async function provision(settings: Settings, customer: string, points: number): Promise<string> {
  const request = { customer_id: customer, points };
  const { body } = await patiently(settings, 'POST', HOOK_PATHS.customers, request).catch(
    (error: unknown) => {
      // Each iteration would wait as long in vain.
      if (!hasProvisioned) exec.test.abort(error instanceof Error ? error.message : String(error));
      throw error;
    },
  );
  hasProvisioned = true;
  if (typeof body['token'] === 'string') return body['token'];
  if (settings.token !== undefined) return settings.token;
  throw new Error(`hooks: no token for ${customer}, and TOKEN is not given`);
}

/** Gives points to a customer, once. */
export async function creditPoints(story: Story, party: Party, points: number): Promise<void> {
  const { settings } = story;
  const path = fillPath(HOOK_PATHS.credit, { customer_id: party.id });
  const before = await creditCount(settings, party);
  const startedAt = now();
  // Before it is sent: whatever ends this script, a reader knows that these points may be there.
  emit({ type: 'credit', at: startedAt, customer: party.id, points, asked: true });
  for (;;) {
    const answer = await ask(settings, 'POST', path, { points });
    if (answer.status >= 200 && answer.status < 300) break;
    // A lost answer may hide a credit: the ledger tells, where it can be read. One without credits may never tell of any.
    const after = await creditCount(settings, party);
    if (before !== undefined && after !== undefined && after > before) break;
    const isSafe = (before !== undefined && before > 0) || (answer.status >= 400 && answer.status < 500);
    if (!isSafe || now() - startedAt > PATIENCE_MS) throw hookError('POST', path, answer);
    await pause(PAUSE_MS);
  }
  party.credits += points;
  emit({ type: 'credit', at: now(), customer: party.id, points });
}

/** A customer's clock, frozen: attempts meet exactly the time that was set. */
export interface FrozenClock {
  /** Ms since the epoch, as the store has it for this customer. */
  readonly frozenAt: number;
  /** Sets the clock to `frozenAt + sinceMs` and keeps it frozen there. */
  set(sinceMs: number): Promise<void>;
  /** Lets the clock run again from where it stands; nothing where it runs. */
  release(): Promise<void>;
}

/** Freezes a customer's clock at its present value. */
export async function freezeClock(story: Story, party: Party): Promise<FrozenClock> {
  const path = fillPath(HOOK_PATHS.clock, { customer_id: party.id });
  story.hasMovedClock = true;
  const { body } = await patiently(story.settings, 'GET', path);
  const frozenAt = Math.floor(Number(body['now_ms']));
  if (!Number.isFinite(frozenAt)) throw new Error(`hooks: ${path} gives no now_ms`);
  let valueMs = frozenAt;
  let isFrozen = false;
  const put = async (next: number, frozen: boolean): Promise<void> => {
    // Before it is sent: a reader knows the clock at both ends of the move, and where it may stand if this script ends in between.
    const asked = { valueMs: next, frozen };
    emit({ type: 'clock', at: now(), customer: party.id, valueMs, frozen: isFrozen, next: asked });
    const answer = await patiently(
      story.settings,
      'PUT',
      path,
      frozen ? { now_ms: next, frozen } : { frozen },
    );
    const told = Number(answer.body['now_ms']);
    // It may run on from elsewhere (of a move that seemed to fail nobody knows whether it came), or not at all.
    valueMs = frozen || !Number.isFinite(told) ? next : told;
    isFrozen = frozen || answer.body['frozen'] === true;
    emit({ type: 'clock', at: now(), customer: party.id, valueMs, frozen: isFrozen });
  };
  await put(frozenAt, true);
  return {
    frozenAt,
    set: (sinceMs) => put(frozenAt + sinceMs, true),
    release: async () => (isFrozen ? put(valueMs, false) : undefined),
  };
}

/** Lets the endpoint pause once at a point of the redemption with this key. */
export async function armPause(story: Story, point: CrashPoint, key: string, pauseMs: number): Promise<void> {
  const request = { point, action: 'pause', pause_ms: pauseMs, key, customer_id: story.owner.id, times: 1 };
  await patiently(story.settings, 'POST', HOOK_PATHS.crashPoints, request);
}

async function creditCount(settings: Settings, party: Party): Promise<number | undefined> {
  const answer = await ask(settings, 'GET', fillPath(HOOK_PATHS.ledger, { customer_id: party.id }));
  const credits = answer.body['credits'];
  return answer.status === 200 && Array.isArray(credits) ? credits.length : undefined;
}

/** Asks until there is a 2xx. Throws at once for what asking again cannot mend, and when patience ends. */
async function patiently(
  settings: Settings,
  method: string,
  path: string,
  body?: Json,
  patienceMs = PATIENCE_MS,
): Promise<HookAnswer> {
  const startedAt = now();
  for (;;) {
    const answer = await ask(settings, method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const isHopeless = answer.status >= 400 && answer.status < 500;
    const mostMs =
      answer.body['code'] === 'hook_failed' ? Math.min(patienceMs, FAILED_PATIENCE_MS) : patienceMs;
    if (isHopeless || now() - startedAt > mostMs) throw hookError(method, path, answer);
    await pause(PAUSE_MS);
  }
}

async function ask(settings: Settings, method: string, path: string, body?: Json): Promise<HookAnswer> {
  const hooks = settings.hooks;
  if (hooks === undefined) throw new Error('hooks: HOOKS_URL is not given');
  const response = await http.asyncRequest(
    method,
    hooks.url + path,
    body === undefined ? null : JSON.stringify(body),
    {
      headers: { Authorization: `Bearer ${hooks.token}`, 'Content-Type': 'application/json' },
      timeout: 5000,
      tags: { name: 'hooks' },
    },
  );
  return { status: response.status, body: jsonOf(response.body) };
}

function hookError(method: string, path: string, { status, body }: HookAnswer): Error {
  const said = JSON.stringify(body).slice(0, 200);
  return new Error(
    `hooks: ${method} ${path} ${status === 0 ? 'was not answered' : `answered ${status} ${said}`}`,
  );
}

function jsonOf(text: string | ArrayBuffer | null): Json {
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : null;
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}
