import type { WrittenSummary } from '../worker-task.ts';

/** What handleSummary returned, by target, as plain data. */
export function summaryParts(written: unknown): WrittenSummary {
  return Object.fromEntries(
    Object.entries((written ?? {}) as Readonly<Record<string, unknown>>).map(([target, content]) => [
      target,
      typeof content === 'string' ? content : new Uint8Array(Buffer.from(content as ArrayBuffer)).buffer,
    ]),
  );
}
