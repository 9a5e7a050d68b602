/** A script's value as Go's `%v` writes it: so k6 puts the values of a form on the wire. */
import { asText } from './text.ts';

export function goText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goNumber(value);
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${(value as unknown[]).map(goText).join(' ')}]`;
  if (typeof value !== 'object') return asText(value);
  const members = Object.entries(value as Readonly<Record<string, unknown>>).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return `map[${members.map(([name, one]) => `${name}:${goText(one)}`).join(' ')}]`;
}

/** Whole numbers as they are; others with an exponent from a million on, or below 1e-4. */
function goNumber(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return plain(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function plain(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  // JavaScript turns to exponents below 1e-6 only.
  return value.toFixed(20).replace(/0+$/, '');
}
