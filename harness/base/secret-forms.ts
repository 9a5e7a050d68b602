/** In how many ways a secret may be written: whoever gives it back may have encoded it. */

/** Shorter values are no secrets: they stand in every text. */
export const MIN_LENGTH = 3;
/** Values from this length on are found anywhere; shorter ones as whole words only. */
export const ANYWHERE_LENGTH = 8;

/** As it is, as JSON, markup and URLs write it, and in base 64 at each of the three places where it may begin. */
export function formsOf(secret: string): Set<string> {
  const bytes = Buffer.from(secret, 'utf8');
  const quoted = JSON.stringify(secret).slice(1, -1);
  const encoded = percentEncoded(secret);
  const whole = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const base64 = [0, 1, 2].map((shift) => base64At(bytes, shift));
  const texts = [
    secret,
    quoted,
    JSON.stringify(quoted).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    encodeURIComponent(wellFormed(secret)),
    encodeURI(wellFormed(secret)),
    encoded,
    lowerHex(encoded),
    encoded.replaceAll('%20', '+'),
    whole,
    whole.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    ...base64.map((text) => percentEncoded(text)),
    ...base64.map((text) => lowerHex(percentEncoded(text))),
    bytes.toString('hex'),
  ];
  return new Set(texts.filter((text) => text.length >= MIN_LENGTH));
}

/** The characters of its base 64 that only depend on it, when it stands behind so many bytes more than a multiple of three. */
function base64At(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const whole = Math.floor(((shift + bytes.length) * 8) / 6);
  // What stands alone is whole: its last character goes with it, and shows nothing of others.
  return text.slice(
    shift === 0 ? 0 : shift + 1,
    shift === 0 && bytes.length < ANYWHERE_LENGTH ? undefined : whole,
  );
}

/** All but the unreserved characters of RFC 3986. */
function percentEncoded(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Lone surrogates cannot be encoded. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function lowerHex(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}
