/** Reads HTML as browsers do, and Go. */
import { createRequire } from 'node:module';

import type { DefaultTreeAdapterMap, TreeAdapter } from 'parse5';

import { goParser } from './go-parser.ts';
import { attributeOf, HtmlNode, nameOf, type NodeAttribute } from './node.ts';

type Parse5 = typeof import('parse5');

let library: Parse5 | undefined;
let Parser: ReturnType<typeof goParser> | undefined;

/** Loaded late, and at once: only scripts that read HTML need it, and they do not wait. */
function parse5(): Parse5 {
  library ??= createRequire(import.meta.url)('parse5') as Parse5;
  return library;
}

/** The document of a text: whatever it holds, it is read. */
export function parseHtml(text: string): HtmlNode {
  Parser ??= goParser(parse5());
  return Parser.parse(text, { treeAdapter: NODES }) as unknown as HtmlNode;
}

const NAMESPACES: Readonly<Record<string, string>> = {
  'http://www.w3.org/2000/svg': 'svg',
  'http://www.w3.org/1998/Math/MathML': 'math',
};
const URLS: Readonly<Record<string, string>> = {
  '': 'http://www.w3.org/1999/xhtml',
  ...Object.fromEntries(Object.entries(NAMESPACES).map(([url, name]) => [name, url])),
};

/** The URL of a namespace of an element. */
export function namespaceUrl(namespace: string): string {
  return URLS[namespace] ?? URLS[''] ?? '';
}

let mode = 'no-quirks';

/** The parser's own work on our nodes. What a template holds are its children, as in Go. */
const NODES = {
  createDocument: () => new HtmlNode('document'),
  createDocumentFragment: () => new HtmlNode('document'),
  createElement: (name: string, url: string, attributes: NodeAttribute[]) =>
    new HtmlNode('element', name, attributes, NAMESPACES[url] ?? ''),
  createCommentNode: (text: string) => new HtmlNode('comment', decoded(text)),
  createTextNode: (text: string) => new HtmlNode('text', text),
  appendChild: (parent: HtmlNode, child: HtmlNode) => parent.insert(child),
  insertBefore: (parent: HtmlNode, child: HtmlNode, before: HtmlNode) => parent.insert(child, before),
  detachNode: (node: HtmlNode) => node.detach(),
  setTemplateContent: () => undefined,
  getTemplateContent: (template: HtmlNode) => template,
  setDocumentType: (document: HtmlNode, name: string, publicId: string, systemId: string) => {
    const ids = [
      { name: 'public', value: publicId },
      { name: 'system', value: systemId },
    ];
    document.insert(
      new HtmlNode(
        'doctype',
        name,
        ids.filter(({ value }) => value !== ''),
      ),
    );
  },
  setDocumentMode: (_document: HtmlNode, given: string) => {
    mode = given;
  },
  getDocumentMode: () => mode,
  insertText: (parent: HtmlNode, text: string) => addText(parent, text, parent.last),
  insertTextBefore: (parent: HtmlNode, text: string, before: HtmlNode) =>
    addText(parent, text, before.previous, before),
  adoptAttributes: (node: HtmlNode, attributes: readonly NodeAttribute[]) => {
    const known = new Set(node.attributes.map(({ name }) => name));
    node.attributes.push(...attributes.filter(({ name }) => !known.has(name)));
  },
  getFirstChild: (node: HtmlNode) => node.first ?? null,
  getChildNodes: (node: HtmlNode) => node.children(),
  getParentNode: (node: HtmlNode) => node.parent ?? null,
  getAttrList: (node: HtmlNode) => node.attributes,
  getTagName: (node: HtmlNode) => nameOf(node),
  getNamespaceURI: (node: HtmlNode) => namespaceUrl(node.namespace),
  getTextNodeContent: (node: HtmlNode) => node.data,
  getCommentNodeContent: (node: HtmlNode) => node.data,
  getDocumentTypeNodeName: (node: HtmlNode) => node.data,
  getDocumentTypeNodePublicId: (node: HtmlNode) => attributeOf(node, 'public') ?? '',
  getDocumentTypeNodeSystemId: (node: HtmlNode) => attributeOf(node, 'system') ?? '',
  isTextNode: (node: HtmlNode) => node.kind === 'text',
  isCommentNode: (node: HtmlNode) => node.kind === 'comment',
  isDocumentTypeNode: (node: HtmlNode) => node.kind === 'doctype',
  isElementNode: (node: HtmlNode) => node.kind === 'element',
  setNodeSourceCodeLocation: () => undefined,
  getNodeSourceCodeLocation: () => undefined,
  updateNodeSourceCodeLocation: () => undefined,
  // The parser's types ask for brands that only its own nodes have.
} as unknown as TreeAdapter<DefaultTreeAdapterMap>;

/** Go reads entities in comments as well. */
function decoded(text: string): string {
  return text.replace(/&[^&<]+/g, (part) => {
    const { childNodes } = parse5().parseFragment(part);
    return childNodes.map((node) => ('value' in node ? node.value : '')).join('');
  });
}

/** Text that follows text is one with it. */
function addText(parent: HtmlNode, text: string, previous?: HtmlNode, before?: HtmlNode): void {
  if (previous?.kind === 'text') previous.data += text;
  else parent.insert(new HtmlNode('text', text), before);
}
