/** Attributes `data-…`: their names as properties, and what their texts mean. */

/** Words that Go writes in capitals; k6's snaker knows them. */
const CAPITALS = new Set(
  'ACL API ASCII CPU CSS DNS EOF ETA GPU GUID HTML HTTP HTTPS ID IP JSON LHS OS QPS RAM RHS RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI UID UUID URI URL UTF8 VM XML XMPP XSRF XSS OAuth'.split(
    ' ',
  ),
);

/** `user-id` as `userID`. */
export function propertyName(attribute: string): string {
  const dash = attribute.indexOf('-');
  if (dash === -1) return attribute;
  return `${attribute.slice(0, dash)}${attribute
    .slice(dash + 1)
    .split(/[-_]/)
    .map(camel)
    .join('')}`;
}

function camel(word: string): string {
  if (word === 'oauth') return 'OAuth';
  const upper = word.toUpperCase();
  return CAPITALS.has(upper) ? upper : `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** `userID` as `user-id`. */
export function attributeName(property: string): string {
  const words: string[] = [];
  let from = 0;
  for (let at = 1; at < property.length; at++) {
    if (!/\p{Lu}/u.test(property.charAt(at))) continue;
    const capital = [5, 4, 3, 2, 1]
      .map((length) => property.slice(from, from + length))
      .find((start) => CAPITALS.has(start));
    words.push(capital ?? property.slice(from, at));
    if (capital !== undefined) at += capital.length - 1;
    from = at;
  }
  words.push(property.slice(from));
  return words
    .filter((word, index) => word !== '' || index < words.length - 1)
    .join('-')
    .toLowerCase()
    .replaceAll('_', '-');
}

/** What a text means; `parse` reads JSON. */
export function dataValue(text: string, parse: (json: string) => unknown): unknown {
  if (/^[{[]/.test(text)) {
    try {
      return parse(text);
    } catch {
      return text;
    }
  }
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === '' || text === 'null' || text === 'undefined') return undefined;
  return numberOf(text) ?? text;
}

/** A number that is written as Go would write it: `1.0` and `1e3` are texts. */
function numberOf(text: string): number | undefined {
  if (/^(?:NaN|[+-]Inf)$/.test(text)) return Number(text.replace('Inf', 'Infinity'));
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) && plain(value) === text ? value : undefined;
}

/** With as few digits as tell it apart, and no exponent. */
function plain(value: number): string {
  const [, sign = '', lead = '', rest = '', exponent = '0'] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential()) ?? [];
  const digits = `${lead}${rest}`;
  const point = Number(exponent) + 1;
  const minus = Object.is(value, -0) ? '-' : sign;
  if (point <= 0) return `${minus}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${minus}${digits.padEnd(point, '0')}`;
  return `${minus}${digits.slice(0, point)}.${digits.slice(point)}`;
}
