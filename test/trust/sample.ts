/** Which cells are judged: all of them, or as few as hold every pair. */

import type { ProfileName } from '../../harness/model/contract.ts';
import { PLAYED } from './cell.ts';
import { READABLES, type Readable } from './readable.ts';

export interface Place {
  readonly readable: Readable;
  readonly profile: ProfileName;
  /** Counts the places of one liar or twin. */
  readonly number: number;
}

/**
 * Where the one with this number is judged. A sample holds each pair of it and what is readable, and over three
 * neighbours each pair of what is readable and a profile. `turn` turns the sample to other cells.
 */
export function placesOf(index: number, isSample: boolean, turn = 0): Place[] {
  return READABLES.flatMap((readable, row) =>
    PLAYED.map((profile, column) => ({
      readable,
      profile,
      number: row * PLAYED.length + column,
      row,
      column,
    }))
      .filter(({ row: at, column }) => !isSample || (at + index + turn) % PLAYED.length === column)
      .map(({ readable: what, profile, number }) => ({ readable: what, profile, number })),
  );
}
