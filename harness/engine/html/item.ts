/** What the functions of `filter`, `not` and `is` get: k6 hands them its goquery's own selection, of one node. */
import { asText } from '../k6/text.ts';
import { attributeOf, textIn } from './node.ts';
import {
  besides,
  below,
  childrenOf,
  closestOf,
  contentsOf,
  parentOf,
  parentsOf,
  siblingsOf,
  type Nodes,
} from './places.ts';
import { selectorOf } from './selector.ts';
import { innerHtml } from './written-html.ts';

export class Item {
  readonly #nodes: Nodes;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  /** As in Go: the value, and whether there is one. */
  attr(name: unknown): [value: string, exists: boolean] {
    const value = attributeOf(this.#nodes[0], asText(name));
    return [value ?? '', value !== undefined];
  }

  attrOr(name: unknown, other: unknown): string {
    return attributeOf(this.#nodes[0], asText(name)) ?? asText(other);
  }

  text(): string {
    return this.#nodes.map(textIn).join('');
  }

  html(): string {
    const written = this.#nodes[0] === undefined ? '' : innerHtml(this.#nodes[0]);
    if (written === undefined) throw new Error('html: void element has child nodes');
    return written;
  }

  length(): number {
    return this.#nodes.length;
  }

  size(): number {
    return this.#nodes.length;
  }

  is(selector: unknown): boolean {
    return this.#nodes.some(selectorOf(asText(selector)));
  }

  hasClass(name: unknown): boolean {
    const wanted = ` ${asText(name)} `;
    return this.#nodes.some((node) =>
      ` ${attributeOf(node, 'class') ?? ''} `.replace(/[\t\r\n]/g, ' ').includes(wanted),
    );
  }

  find(selector: unknown): Item {
    return new Item(below(this.#nodes, selectorOf(asText(selector))));
  }

  filter(selector: unknown): Item {
    return new Item(this.#nodes.filter(selectorOf(asText(selector))));
  }

  closest(selector: unknown): Item {
    return new Item(closestOf(this.#nodes, selectorOf(asText(selector))));
  }

  children(): Item {
    return new Item(childrenOf(this.#nodes));
  }

  contents(): Item {
    return new Item(contentsOf(this.#nodes));
  }

  parent(): Item {
    return new Item(parentOf(this.#nodes));
  }

  parents(): Item {
    return new Item(parentsOf(this.#nodes));
  }

  siblings(): Item {
    return new Item(siblingsOf(this.#nodes));
  }

  next(): Item {
    return new Item(besides(this.#nodes, 'next', { most: 1 }));
  }

  nextAll(): Item {
    return new Item(besides(this.#nodes, 'next'));
  }

  prev(): Item {
    return new Item(besides(this.#nodes, 'previous', { most: 1 }));
  }

  prevAll(): Item {
    return new Item(besides(this.#nodes, 'previous'));
  }

  first(): Item {
    return new Item(this.#nodes.slice(0, 1));
  }

  last(): Item {
    return new Item(this.#nodes.slice(-1));
  }

  eq(index: unknown): Item {
    const node = this.#nodes.at(Math.trunc(Number(index)) || 0);
    return new Item(node === undefined ? [] : [node]);
  }
}
