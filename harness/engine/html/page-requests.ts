/** What `submitForm` and `clickLink` ask for: read off the page that a response holds. */
import { goQuery } from '../k6/request-body.ts';
import { asText } from '../k6/text.ts';
import { resolvedReference } from '../k6/url.ts';
import type { Selection } from './selection.ts';

/** The response, as far as it is asked. */
export interface PageSource {
  readonly url: string;
  /** Throws where there is no body. */
  readonly html: (selector: string) => Selection;
}

export interface PageRequest {
  readonly method: string;
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>> | null;
  /** The script's own. */
  readonly params: unknown;
}

type Given = Readonly<Record<string, unknown>>;

/** The request of a form. Throws where there is none. */
export function formRequest({ url, html }: PageSource, given: readonly unknown[]): PageRequest {
  const options = optionsOf(given);
  const selector = textOr(options, 'formSelector', 'form');
  const form = html(selector);
  if (form.size() === 0) throw new Error(`no form found for selector '${selector}' in response '${url}'`);
  const method = asText(form.attr('method', 'GET')).toUpperCase();
  const action = form.attr('action');
  const target = action === undefined ? url : resolvedReference(url, asText(action));
  const values: Record<string, unknown> = form.serializeObject();
  const submit = form.find(textOr(options, 'submitSelector', '[type="submit"]'));
  const [name, value] = [submit.attr('name'), submit.val()];
  if (name !== undefined && value !== undefined) values[asText(name)] = value;
  Object.assign(values, fieldsOf(options['fields']));
  const params = options['params'] ?? null;
  if (method === 'GET') return { method, url: withQuery(target, values), body: null, params };
  return { method, url: target, body: values, params };
}

/** The request of a link. Throws where there is none, or one that leads nowhere. */
export function linkRequest({ url, html }: PageSource, given: readonly unknown[]): PageRequest {
  const options = optionsOf(given);
  const selector = textOr(options, 'selector', 'a[href]');
  const link = html(selector);
  if (link.size() === 0) throw new Error(`no element found for selector '${selector}' in response '${url}'`);
  const href = link.attr('href');
  if (href === undefined)
    throw new Error(`no valid href attribute value found on element '${selector}' in response '${url}'`);
  return {
    method: 'GET',
    url: resolvedReference(url, asText(href)),
    body: null,
    params: options['params'] ?? null,
  };
}

function optionsOf(given: readonly unknown[]): Given {
  if (given.length === 0) return {};
  const [options] = given;
  if (options === null || options === undefined)
    throw new TypeError('Cannot convert undefined or null to object');
  return Object(options) as Given;
}

function textOr(options: Given, name: string, other: string): string {
  return Object.hasOwn(options, name) ? asText(options[name]) : other;
}

function fieldsOf(given: unknown): Given {
  return typeof given === 'object' && given !== null ? (given as Given) : {};
}

/** In the order of names, as Go writes them. */
function withQuery(url: string, values: Given): string {
  const query = goQuery(Object.entries(values).map(([name, value]) => [name, asText(value)]));
  const [, before = '', fragment = ''] = /^([^?#]*)(?:\?[^#]*)?(#[^]*)?$/.exec(url) ?? [];
  return `${before}${query === '' ? '' : `?${query}`}${fragment}`;
}
