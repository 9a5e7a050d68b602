/** Keys that are alike: each pair differs, so that it names two redemptions, and both are done. */
export interface AlikeKeys {
  readonly name: string;
  /** Another key than the given one; undefined: there is none of this kind. */
  readonly from: (
    key: string,
    maxLength: number,
  ) => { readonly first: string; readonly second: string } | undefined;
}

export const ALIKE_KEYS: readonly AlikeKeys[] = [
  { name: 'another letter case', from: (key) => pair(key, key.toUpperCase()) },
  { name: 'another last character', from: (key) => pair(key, other(key)) },
  {
    name: 'one is the beginning of the other',
    from: (key, maxLength) => pair(key, `${key}-2`.slice(0, maxLength)),
  },
  {
    name: 'at the longest, but for the last character',
    from: (key, maxLength) => {
      const long = key.padEnd(maxLength, '-0').slice(0, maxLength);
      return pair(long, other(long));
    },
  },
  { name: 'with and without dashes', from: (key) => pair(key, key.replaceAll('-', '')) },
];

function pair(
  first: string,
  second: string,
): { readonly first: string; readonly second: string } | undefined {
  return first === second ? undefined : { first, second };
}

function other(key: string): string {
  return key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
}
