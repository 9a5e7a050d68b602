/** What all selections and elements of one document share. */
import type { Realm } from '../k6/realm.ts';
import type { HtmlNode } from './node.ts';
import type { Nodes } from './places.ts';

export interface Page {
  readonly realm: Realm;
  readonly document: HtmlNode;
  /** Where it came from; empty: nowhere, it was a text. */
  readonly url: string;
  /** The element of the first of them; undefined: there is none. */
  readonly elementOf: (nodes: Nodes) => object | undefined;
}

/** An element as a script hands it back. */
export abstract class ElementHandle {
  readonly node: HtmlNode;
  /** Go's name for it, which k6 writes into messages. Only a plain `html.Element` is taken where k6 takes elements. */
  readonly goType: string;

  constructor(node: HtmlNode, goType: string) {
    this.node = node;
    this.goType = goType;
  }

  /** The node of a plain element. */
  static nodeOf(value: unknown): HtmlNode | undefined {
    return value instanceof ElementHandle && value.goType === 'html.Element' ? value.node : undefined;
  }
}
