/** An element of `k6/html`: all that k6 shows of it are methods. */
import { asText } from '../k6/text.ts';
import { textAt } from './arguments.ts';
import { attributeOf, nameOf, textIn, type HtmlNode, type NodeAttribute, type NodeKind } from './node.ts';
import { ElementHandle, type Page } from './page.ts';
import { namespaceUrl } from './parse.ts';
import { besides, below, childrenOf, contentsOf, isBelow, parentOf, type Nodes } from './places.ts';
import { Selection } from './selection.ts';
import { selectorOf } from './selector.ts';
import { innerHtml } from './written-html.ts';

const TYPES: Readonly<Record<NodeKind, number>> = {
  element: 1,
  text: 3,
  comment: 8,
  document: 9,
  doctype: 10,
};

export class HtmlElement extends ElementHandle {
  readonly page: Page;

  constructor(page: Page, node: HtmlNode, goType: string) {
    super(node, goType);
    this.page = page;
  }

  selection(): Selection {
    return new Selection(this.page, [this.node]);
  }

  attributes(): Record<string, Attribute> {
    return Object.fromEntries(this.node.attributes.map((one) => [one.name, new Attribute(this, one)]));
  }

  getAttribute(...given: unknown[]): string | undefined {
    return attributeOf(this.node, textAt(given, 0));
  }

  getAttributeNode(...given: unknown[]): Attribute | undefined {
    const name = textAt(given, 0);
    const found = this.node.attributes.find((one) => one.name === name);
    return found === undefined ? undefined : new Attribute(this, found);
  }

  hasAttribute(...given: unknown[]): boolean {
    return attributeOf(this.node, textAt(given, 0)) !== undefined;
  }

  hasAttributes(): boolean {
    return this.node.attributes.length > 0;
  }

  id(): string {
    return attributeOf(this.node, 'id') ?? '';
  }

  className(): string | undefined {
    return attributeOf(this.node, 'class');
  }

  classList(): string[] {
    return (attributeOf(this.node, 'class') ?? '').split(/\s+/).filter((name) => name !== '');
  }

  lang(): string | undefined {
    return this.node.attributes.find(({ name, prefix = '' }) => name === 'lang' && prefix === '')?.value;
  }

  nodeName(): string {
    return nameOf(this.node);
  }

  nodeType(): number {
    return TYPES[this.node.kind];
  }

  /** Of a comment as well the text in it: there is none. */
  nodeValue(): string | undefined {
    const { kind } = this.node;
    return kind === 'text' || kind === 'comment' ? textIn(this.node) : undefined;
  }

  namespaceURI(): string {
    return namespaceUrl(this.node.namespace);
  }

  isDefaultNamespace(): boolean {
    return this.node.namespace === '';
  }

  textContent(): string {
    return textIn(this.node);
  }

  innerHTML(): string | undefined {
    return innerHtml(this.node);
  }

  override toString(): string {
    return this.node.kind === 'element' ? '[object html.Node]' : `[object ${this.nodeName()}]`;
  }

  matches(selector: unknown): boolean {
    return selectorOf(asText(selector))(this.node);
  }

  querySelector(...given: unknown[]): unknown {
    return this.page.elementOf(below([this.node], selectorOf(textAt(given, 0))));
  }

  querySelectorAll(...given: unknown[]): unknown {
    return listOf(this.page, below([this.node], selectorOf(textAt(given, 0))));
  }

  getElementsByTagName(...given: unknown[]): unknown {
    return this.querySelectorAll(...given);
  }

  getElementsByClassName(...given: unknown[]): unknown {
    return this.querySelectorAll(`.${textAt(given, 0)}`);
  }

  children(): unknown {
    return listOf(this.page, childrenOf([this.node]));
  }

  childNodes(): unknown {
    return listOf(this.page, contentsOf([this.node]));
  }

  childElementCount(): number {
    return childrenOf([this.node]).length;
  }

  hasChildNodes(): boolean {
    return this.node.first !== undefined;
  }

  firstChild(): unknown {
    return there(this.page, this.node.first);
  }

  lastChild(): unknown {
    return there(this.page, this.node.last);
  }

  firstElementChild(): unknown {
    return this.page.elementOf(childrenOf([this.node]));
  }

  lastElementChild(): unknown {
    return this.page.elementOf(childrenOf([this.node]).slice(-1));
  }

  nextSibling(): unknown {
    return there(this.page, this.node.next);
  }

  previousSibling(): unknown {
    return there(this.page, this.node.previous);
  }

  nextElementSibling(): unknown {
    return this.page.elementOf(besides([this.node], 'next', { most: 1 }));
  }

  previousElementSibling(): unknown {
    return this.page.elementOf(besides([this.node], 'previous', { most: 1 }));
  }

  parentNode(): unknown {
    return this.node.parent === undefined ? undefined : this.page.elementOf([this.node.parent]);
  }

  parentElement(): unknown {
    return this.page.elementOf(parentOf([this.node]));
  }

  ownerDocument(): unknown {
    return this.page.elementOf([this.page.document]);
  }

  contains(other: unknown): boolean {
    const node = ElementHandle.nodeOf(this.page.realm.behind(other));
    return node !== undefined && isBelow(node, this.node);
  }

  isSameNode(other: unknown): boolean {
    return ElementHandle.nodeOf(this.page.realm.behind(other)) === this.node;
  }

  /** Whether the same is in both. */
  isEqualNode(other: unknown): boolean {
    const node = ElementHandle.nodeOf(this.page.realm.behind(other));
    const own = innerHtml(this.node);
    return node !== undefined && own !== undefined && innerHtml(node) === own;
  }
}

/** An attribute of an element. */
class Attribute {
  /** Shown to the script as its own. */
  static readonly fields = ['owner_element', 'name', 'value'];
  readonly owner_element: HtmlElement;
  readonly name: string;
  readonly value: string;
  readonly #prefix: string;

  constructor(element: HtmlElement, { name, value, prefix = '' }: NodeAttribute) {
    this.owner_element = element;
    this.name = name;
    this.value = value;
    this.#prefix = prefix;
  }

  prefix(): string {
    return this.#prefix;
  }

  namespaceURI(): string {
    return namespaceUrl(this.#prefix);
  }

  localName(): string {
    return this.name;
  }
}

export function listOf(page: Page, nodes: Nodes): unknown[] {
  return nodes.map((node) => page.elementOf([node]));
}

/** k6 fails at a node that is not there. */
function there(page: Page, node: HtmlNode | undefined): unknown {
  if (node === undefined) throw new Error('runtime error: invalid memory address or nil pointer dereference');
  return page.elementOf([node]);
}
