/** Text into HTML and XML: everything is escaped but what was made here. */

import { visible } from './format.ts';

/** Markup that is finished: put in as it is. Only `markup` and `raw` make it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Markup | string | number | undefined | false | readonly Part[];

/** A template whose values are escaped, lists joined, `undefined` and `false` left out. For HTML and XML, in text and in quoted attributes. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += textOf(part) + (strings[index + 1] ?? '');
  return new Markup(text);
}

/** Text that is markup already: styles, scripts and drawings of our own. Never the endpoint's or the user's. */
export function raw(text: string): Markup {
  return new Markup(text);
}

export function escaped(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** JSON that may stand inside a script element: nothing in it can close the element or open a comment. */
export function scriptJson(value: unknown): Markup {
  const text = JSON.stringify(value) ?? 'null';
  return raw(text.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'));
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escaped(part);
  return typeof part === 'number' ? String(part) : part.map(textOf).join('');
}
