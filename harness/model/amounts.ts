/**
 * Points as an endpoint writes them: as texts, as decimals, in another unit. Exact: digits are moved, nothing is divided
 * in floating point. Dependency-free: the scenarios use it too.
 */

/** How amounts stand in bodies. Absent in a target: as whole numbers of points. */
export interface Amounts {
  /** Points in one of what the endpoint counts in: with 100, 1250 points are written 12.50. */
  readonly unit: number;
  readonly as: 'number' | 'text';
}

/** More decimals than these are not read. */
const MOST_DECIMALS = 9;

/** The points that a number or a text stands for; undefined where it is none, or no whole number of points. */
export function pointsOf(value: unknown, amounts: Amounts | undefined): number | undefined {
  // Beyond 2^53 a number is another than the one that was written.
  if (amounts === undefined)
    return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const [, sign = '', whole = '', decimals = ''] =
    /^\s*([+-]?)(\d+)(?:\.(\d*))?\s*$/.exec(String(value)) ?? [];
  if (whole === '') return undefined;
  const digits = decimals.replace(/0+$/, '');
  if (digits.length > MOST_DECIMALS) return undefined;
  // Both factors are whole and small enough for their product to be exact.
  const scale = 10 ** digits.length;
  const part = Number(digits) * amounts.unit;
  if (part % scale !== 0) return undefined;
  const points = Number(whole) * amounts.unit + part / scale;
  if (!Number.isSafeInteger(points)) return undefined;
  return sign === '-' && points !== 0 ? -points : points;
}

/** The same way back: `1250` with a unit of 100 is `12.5`, or `'12.50'` as a text. */
export function writtenPoints(points: number, amounts: Amounts | undefined): number | string {
  if (amounts === undefined) return points;
  const text = decimalOf(points, amounts.unit);
  return amounts.as === 'text' ? text : Number(text);
}

function decimalOf(points: number, unit: number): string {
  const places = placesOf(unit);
  const size = Math.abs(points);
  const whole = Math.floor(size / unit);
  const part = ((size % unit) * 10 ** places) / unit;
  const sign = points < 0 ? '-' : '';
  return places === 0 ? `${sign}${whole}` : `${sign}${whole}.${String(part).padStart(places, '0')}`;
}

/** Decimals that one point needs: 2 for 100, 3 for 8. A unit with other factors than 2 and 5 has no end of them. */
export function placesOf(unit: number): number {
  for (let places = 0; places <= 6; places++) if (10 ** places % unit === 0) return places;
  return Number.NaN;
}
