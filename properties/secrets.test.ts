/** Secrets are found as fast as a run needs it, and exactly where a search for each form by itself finds them. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formsOf } from '../harness/base/secret-forms.ts';
import { Secrets } from '../harness/base/secret-set.ts';

/** Each form of each secret is looked for at every place; of what overlaps the first and longest is taken. */
function naivelyCleaned(secrets: readonly string[], text: string): string {
  const labels = new Map<string, string>();
  for (const [index, secret] of secrets.entries())
    for (const form of formsOf(secret))
      if (!labels.has(form)) labels.set(form, index === 0 ? '[redacted]' : `[redacted:${index + 1}]`);
  let cleaned = '';
  for (let place = 0; place < text.length;) {
    let longest = '';
    for (const form of labels.keys())
      if (form.length > longest.length && text.startsWith(form, place)) longest = form;
    cleaned += labels.get(longest) ?? text[place] ?? '';
    place += Math.max(longest.length, 1);
  }
  return cleaned;
}

const char = fc.constantFrom(...Array.from('abcABC019+/-_.:&"<ä€😀'));
const secret = fc
  .array(char, { minLength: 8, maxLength: 24 })
  .map((chars) => chars.join(''))
  .filter((text) => text.length === text.trim().length && text.length >= 8);

/** Texts of noise and of forms, whole, cut or with a character changed; long ones are looked through as bytes. */
const told = fc
  .uniqueArray(secret, { minLength: 1, maxLength: 6 })
  .chain((secrets) => {
    const forms = secrets.flatMap((each) => [...formsOf(each)]);
    const form = fc.constantFrom(...forms);
    const piece = fc.oneof(
      form,
      fc.tuple(form, fc.nat()).map(([text, at]) => text.slice(0, at % text.length)),
      fc.tuple(form, fc.nat(), char).map(([text, at, other]) => {
        const place = at % text.length;
        return text.slice(0, place) + other + text.slice(place + 1);
      }),
      fc.array(char, { maxLength: 40 }).map((chars) => chars.join('')),
      fc.constantFrom(' ', '\n', 'x'.repeat(700)),
    );
    return fc.record({
      secrets: fc.constant(secrets),
      text: fc.array(piece, { maxLength: 12 }).map((pieces) => `x ${pieces.join('')}`),
    });
  })
  // All of a form's length is looked for anywhere; shorter ones are whole words, and tested by example.
  .filter(({ secrets }) => secrets.every((each) => [...formsOf(each)].every((form) => form.length >= 8)));

test('a text is cleaned as by a search for each form at each place', () => {
  fc.assert(
    fc.property(told, ({ secrets, text }) => {
      const held = new Secrets();
      for (const each of secrets) held.add(each);
      expect(held.clean(text)).toBe(naivelyCleaned(secrets, text));
    }),
    { numRuns: 400 },
  );
});

test('lines are cleaned as by a search for each form at each place', () => {
  fc.assert(
    fc.property(told, ({ secrets, text }) => {
      const held = new Secrets();
      for (const each of secrets) held.add(each);
      const naive = text.split('\n').map((line) => naivelyCleaned(secrets, line));
      expect(held.cleanLines(text)).toBe(naive.join('\n'));
    }),
    { numRuns: 400 },
  );
});
