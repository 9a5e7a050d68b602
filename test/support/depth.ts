/** How much of a long matrix is played: `npm run verify` takes a part that holds each kind once, `npm run prove` everything. */

/** ONCEPROOF_MATRICES=whole, as `npm run prove` sets it. */
export const IS_WHOLE = process.env['ONCEPROOF_MATRICES'] === 'whole';

/** All of them, or those at these places. */
export function part<T>(all: readonly T[], ...places: readonly number[]): readonly T[] {
  return IS_WHOLE ? all : all.filter((_, index) => places.includes(index));
}
