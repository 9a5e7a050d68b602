/** The token that every run of the suite is given, and whether some text lets it out. */

/** Fit for a header, and written in another way by JSON, URLs and base 64. */
export const SECRET = 'hostile/secret+0123456789~abc=';

const FORMS: readonly string[] = [
  SECRET,
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString('hex'),
  // What its base 64 is at each of the three places where it may begin, without the ends that others share.
  ...[0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), Buffer.from(SECRET)])
      .toString('base64')
      .slice(4, -4),
  ),
];

/** The first form of the secret that stands in the text. */
export function leakIn(text: string | Buffer): string | undefined {
  return FORMS.find((form) => text.includes(form));
}
