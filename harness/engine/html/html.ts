/** `k6/html`, and what a response makes of its body. */
import type { Realm } from '../k6/realm.ts';
import { textAt } from './arguments.ts';
import { HtmlElement } from './element.ts';
import { KINDS, type Kind } from './element-kinds.ts';
import type { HtmlNode } from './node.ts';
import type { Page } from './page.ts';
import { formRequest, linkRequest } from './page-requests.ts';
import { parseHtml } from './parse.ts';
import { Selection } from './selection.ts';

export const PAGES = {
  module: (realm: Realm) => ({
    parseHTML: (...given: unknown[]) => selectionOf(realm, textAt(given, 0), ''),
  }),
  selectionOf,
  formRequest,
  linkRequest,
};

function selectionOf(realm: Realm, text: string, url: string): Selection {
  const document = parseHtml(text);
  const page: Page = { realm, document, url, elementOf: ([node]) => elementOf(page, node) };
  return new Selection(page, [document]);
}

function elementOf(page: Page, node: HtmlNode | undefined): HtmlElement | undefined {
  if (node === undefined) return undefined;
  // By what it holds, as in k6: a text `a` is a link.
  const kind = KINDS.get(node.data);
  if (kind === undefined) return new HtmlElement(page, node, 'html.Element');
  return new (classOf(kind))(page, node, `html.${kind[0]}Element`);
}

type ElementClass = new (...given: ConstructorParameters<typeof HtmlElement>) => HtmlElement;

const classes = new Map<Kind, ElementClass>();

/** A class for a kind of element: a realm shows what it finds on the prototype. */
function classOf(kind: Kind): ElementClass {
  let made = classes.get(kind);
  if (made === undefined) {
    made = class extends HtmlElement {};
    for (const [name, read] of Object.entries(kind[1])) {
      Object.defineProperty(made.prototype, name, {
        value(this: HtmlElement): unknown {
          return read(this);
        },
      });
    }
    classes.set(kind, made);
  }
  return made;
}
