/** Shared arrays in shared memory, so that threads hold one copy. */
import type { SharedItems } from '../k6/run-state.ts';
import type { PackedItems } from './messages.ts';

export function packed(items: SharedItems): PackedItems {
  const texts = Array.from({ length: items.length }, (_, index) => Buffer.from(items.at(index) ?? ''));
  const bytes = new SharedArrayBuffer(texts.reduce((sum, { length }) => sum + length, 0));
  const ends = new SharedArrayBuffer(texts.length * 4);
  const [into, endOf] = [Buffer.from(bytes), new Uint32Array(ends)];
  let end = 0;
  for (const [index, text] of texts.entries()) {
    text.copy(into, end);
    end += text.length;
    endOf[index] = end;
  }
  return { bytes, ends };
}

export function unpackedItems({ bytes, ends }: PackedItems): SharedItems {
  const [from, endOf] = [Buffer.from(bytes), new Uint32Array(ends)];
  return {
    length: endOf.length,
    at: (index) => {
      const end = endOf[index];
      return end === undefined ? undefined : from.toString('utf8', endOf[index - 1] ?? 0, end);
    },
  };
}
