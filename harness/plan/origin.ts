/** Which plans were written here: a plan is data from anywhere, and may name code to run and hosts to connect to. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../base/program.ts';

const KEY_BYTES = 32;

/** The plan with the mark of this installation; as it is where no key can be kept. */
export function marked<T extends object>(plan: T): T & { readonly origin?: string } {
  const origin = markOf(plan, keyHere(true));
  return origin === undefined ? plan : { ...plan, origin };
}

/** Whether this installation wrote exactly this plan. One that was changed since, or cannot be told, it did not. */
export function isMarked(plan: object): boolean {
  const { origin, ...rest } = plan as { readonly origin?: unknown };
  const expected = markOf(rest, keyHere(false));
  if (typeof origin !== 'string' || expected === undefined) return false;
  const [found, wanted] = [Buffer.from(origin), Buffer.from(expected)];
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

function markOf(plan: object, key: Buffer | undefined): string | undefined {
  if (key === undefined) return undefined;
  // As it is after a way through a file.
  return createHmac('sha256', key).update(JSON.stringify(plan)).digest('hex');
}

/** Beside the packages: whoever may write there may change the program itself. */
function keyHere(mayMake: boolean): Buffer | undefined {
  const folder = join(packageRoot(), 'node_modules', '.cache', 'onceproof');
  const file = join(folder, 'plan.key');
  try {
    if (mayMake) {
      mkdirSync(folder, { recursive: true });
      // Not over one that is there: an other run may make it at the same time.
      writeFileSync(file, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
    }
  } catch {
    // It is there, or cannot be: the next line tells.
  }
  try {
    const key = readFileSync(file);
    return key.length === KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}
