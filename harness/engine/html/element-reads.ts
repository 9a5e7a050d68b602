/** What the methods of one kind of element read: mostly an attribute, each in its way. */
import { resolvedReference } from '../k6/url.ts';
import { HtmlElement, listOf } from './element.ts';
import { attributeOf, type HtmlNode } from './node.ts';
import { below, closestOf, parentsOf, type Nodes } from './places.ts';
import { selectorOf } from './selector.ts';

export type Read = (element: HtmlElement) => unknown;

/** The attribute as it stands; empty where there is none. */
export function text(name: string): Read {
  return ({ node }) => textOf(node, name);
}

/** Whether it is there. */
export function flag(name: string): Read {
  return ({ node }) => attributeOf(node, name) !== undefined;
}

/** A whole number, or another one where it is none. */
export function whole(name: string, other = 0): Read {
  return ({ node }) => wholeOf(node, name, other);
}

export function wholeOf(node: HtmlNode, name: string, other: number): number {
  const written = attributeOf(node, name) ?? '';
  return /^[+-]?\d+$/.test(written) ? Number(written) : other;
}

/** One of those words; the first where it is none. */
export function word(name: string, words: readonly string[]): Read {
  return ({ node }) => {
    const written = textOf(node, name);
    return words.includes(written) ? written : words[0];
  };
}

/** One of those words, or undefined. */
export function wordOrNone(name: string, words: readonly string[]): Read {
  return ({ node }) => words.find((one) => one === attributeOf(node, name));
}

export function always(value: unknown): Read {
  return () => value;
}

/** Seen from the page, where that has a URL. */
export function url(name: string, other: (pageUrl: string) => string = () => ''): Read {
  return ({ node, page }) =>
    page.url === '' ? textOf(node, name) : (urlOf(node, name, page.url) ?? other(page.url));
}

/** Undefined: there is none, or none that can be read. */
export function urlOf(node: HtmlNode, name: string, pageUrl: string): string | undefined {
  const written = attributeOf(node, name);
  return written === undefined ? undefined : referenceOrNone(pageUrl, written);
}

export function referenceOrNone(base: string, written: string): string | undefined {
  try {
    return resolvedReference(base, written);
  } catch {
    return undefined;
  }
}

export function textOf(node: HtmlNode | undefined, name: string): string {
  return attributeOf(node, name) ?? '';
}

/** Words with blanks between them. */
export function words(name: string): Read {
  return ({ node }) => {
    const written = textOf(node, name);
    return written === '' ? [] : written.split(' ');
  };
}

export const textIn: Read = (element) => element.textContent();

/** All elements in it that a selector matches. */
export function all(selector: string): Read {
  return ({ node, page }) => listOf(page, below([node], selectorOf(selector)));
}

/** How many of them there are. */
export function count(selector: string): Read {
  return ({ node }) => below([node], selectorOf(selector)).length;
}

/** Its place among those in the nearest element around it; `none` where there is no such element. */
export function placeIn(around: string, selector: string, none: number): Read {
  return ({ node }) => {
    const outer = above(node, around);
    return outer.length === 0 ? none : below(outer, selectorOf(selector)).indexOf(node);
  };
}

/** Those around it that a selector matches, from the nearest on. */
export function above(node: HtmlNode, selector: string): HtmlNode[] {
  return parentsOf([node]).filter(selectorOf(selector));
}

/** Anywhere in its page, below the outermost element. */
export function inPage(node: HtmlNode, selector: string): HtmlNode[] {
  return below(parentsOf([node]).slice(-1), selectorOf(selector));
}

/** The form that it belongs to: around it, or named by it. */
export function formOf(node: HtmlNode): Nodes {
  const around = closestOf([node], selectorOf('form'));
  if (around.length > 0) return around;
  const id = textOf(node, 'form');
  return id === '' ? [] : inPage(node, `#${id}`);
}

export const form: Read = ({ node, page }) => page.elementOf(formOf(node));

/** The label around it, and those that name it. */
export const labels: Read = ({ node, page }) => {
  const around = closestOf([node], selectorOf('label'));
  const id = textOf(node, 'id');
  const named = id === '' ? [] : inPage(node, `label[for="${id}"]`);
  return listOf(page, [...new Set([...around, ...named])]);
};
