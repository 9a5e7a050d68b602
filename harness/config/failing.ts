/** `hooks.failNext`, as the hop calls it before a request goes on. */

import { messageOf } from '../base/errors.ts';
import type { FailNext, HooksConfig } from './define.ts';
import { within } from './within.ts';

/** Tells the endpoint to fail at the request; rejects with the hook's own words where it cannot. */
export async function failAt(
  hook: NonNullable<HooksConfig['failNext']>,
  {
    key,
    attributes,
    upstream,
  }: { key: string | undefined; attributes: Readonly<Record<string, unknown>>; upstream: number },
  timeoutMs: number,
): Promise<void> {
  if (key === undefined) throw new Error('no key to fail at');
  const { point, pause_ms: pauseMs } = attributes;
  const how = point as FailNext['how'];
  const asked = { how, key, delayMs: typeof pauseMs === 'number' ? pauseMs : 0, replica: upstream + 1 };
  try {
    await within(Promise.resolve(hook(asked)), timeoutMs);
  } catch (error) {
    throw new Error(`hook failNext: ${messageOf(error)}`, { cause: error });
  }
}
