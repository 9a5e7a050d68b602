/** Which files were written here: one from elsewhere is data, and may name code to run and hosts to connect to. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './program.ts';

const KEY_BYTES = 32;
let known: Buffer | undefined;

/** The content with the mark of this installation, in place of one that it had; without one where no key can be kept. */
export function marked<T extends object>(content: T): T & { readonly origin?: string } {
  const rest = withoutMark(content);
  const origin = markOf(rest, keyHere(true));
  return (origin === undefined ? rest : { ...rest, origin }) as T & { readonly origin?: string };
}

/** Whether this installation wrote exactly this content. One that was changed since, or cannot be told, it did not. */
export function isMarked(content: object): boolean {
  const { origin } = content as { readonly origin?: unknown };
  const expected = markOf(withoutMark(content), keyHere(false));
  if (typeof origin !== 'string' || expected === undefined) return false;
  const [found, wanted] = [Buffer.from(origin), Buffer.from(expected)];
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

function withoutMark(content: object): object {
  return Object.fromEntries(Object.entries(content).filter(([name]) => name !== 'origin'));
}

function markOf(content: object, key: Buffer | undefined): string | undefined {
  if (key === undefined) return undefined;
  // As it is after a way through a file.
  return createHmac('sha256', key).update(JSON.stringify(content)).digest('hex');
}

/** Beside the packages: whoever may write there may change the program itself. */
function keyHere(mayMake: boolean): Buffer | undefined {
  known ??= keyAt(mayMake);
  return known;
}

function keyAt(mayMake: boolean): Buffer | undefined {
  const folder = join(packageRoot(), 'node_modules', '.cache', 'onceproof');
  const file = join(folder, 'plan.key');
  const found = readKey(file);
  if (found !== undefined || !mayMake) return found;
  const own = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(own, randomBytes(KEY_BYTES).toString('hex'), { mode: 0o600 });
    // Whole, or not at all; and not over one that another run has made meanwhile.
    linkSync(own, file);
  } catch {
    // It is there by now, or cannot be kept.
  }
  try {
    unlinkSync(own);
  } catch {
    // It could not be made.
  }
  return readKey(file);
}

function readKey(file: string): Buffer | undefined {
  try {
    const key = Buffer.from(readFileSync(file, 'utf8'), 'hex');
    return key.length === KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}
