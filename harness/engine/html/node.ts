/** A document as a tree, shaped as Go's `golang.org/x/net/html` has it: what k6 shows of a page is read off that. */

/** As the parser gives it. */
export interface NodeAttribute {
  readonly name: string;
  readonly value: string;
  /** Of a foreign one, e.g. `xlink`. */
  readonly prefix?: string | undefined;
}

export type NodeKind = 'document' | 'doctype' | 'element' | 'text' | 'comment';

export class HtmlNode {
  readonly kind: NodeKind;
  /** Name of an element or a doctype; text of the others. */
  data: string;
  /** Of an element: empty, `svg` or `math`. */
  readonly namespace: string;
  attributes: NodeAttribute[];
  parent: HtmlNode | undefined = undefined;
  first: HtmlNode | undefined = undefined;
  last: HtmlNode | undefined = undefined;
  previous: HtmlNode | undefined = undefined;
  next: HtmlNode | undefined = undefined;

  constructor(kind: NodeKind, data = '', attributes: NodeAttribute[] = [], namespace = '') {
    this.kind = kind;
    this.data = data;
    this.attributes = attributes;
    this.namespace = namespace;
  }

  /** Puts it among the children, at the end where no place is given. */
  insert(child: HtmlNode, before?: HtmlNode): void {
    const previous = before === undefined ? this.last : before.previous;
    child.parent = this;
    child.previous = previous;
    child.next = before;
    if (previous === undefined) this.first = child;
    else previous.next = child;
    if (before === undefined) this.last = child;
    else before.previous = child;
  }

  detach(): void {
    const { parent, previous, next } = this;
    if (parent === undefined) return;
    if (previous === undefined) parent.first = next;
    else previous.next = next;
    if (next === undefined) parent.last = previous;
    else next.previous = previous;
    this.parent = undefined;
    this.previous = undefined;
    this.next = undefined;
  }

  children(): HtmlNode[] {
    const found: HtmlNode[] = [];
    for (let child = this.first; child !== undefined; child = child.next) found.push(child);
    return found;
  }
}

/** Whether a node is what is looked for. */
export type Matches = (node: HtmlNode) => boolean;

export function attributeOf(node: HtmlNode | undefined, name: string): string | undefined {
  return node?.attributes.find((one) => one.name === name)?.value;
}

/** The text in it, in order. */
export function textIn(node: HtmlNode): string {
  if (node.kind === 'text') return node.data;
  let text = '';
  for (let child = node.first; child !== undefined; child = child.next) text += textIn(child);
  return text;
}

/** As k6 names it: `#text`, `#document`, `#comment`, else the name itself. */
export function nameOf(node: HtmlNode | undefined): string {
  if (node === undefined) return '';
  return node.kind === 'element' || node.kind === 'doctype' ? node.data : `#${node.kind}`;
}
