/** Nodes as text, with the escapes that Go writes. */
import { attributeOf, type HtmlNode } from './node.ts';

const VOID = new Set(
  'area base br col embed hr img input keygen link meta param source track wbr'.split(' '),
);
/** What stands in them is no markup. */
const LITERAL = new Set('iframe noembed noframes noscript plaintext script style xmp'.split(' '));
/** They lose a newline at their start when they are read. */
const LOSES_NEWLINE = new Set(['pre', 'listing', 'textarea']);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  "'": '&#39;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  '\r': '&#13;',
};

/** What is in a node, as HTML. */
export function innerHtml(node: HtmlNode): string {
  let text = '';
  for (let child = node.first; child !== undefined; child = child.next) text += outerHtml(child);
  return text;
}

function outerHtml(node: HtmlNode): string {
  switch (node.kind) {
    case 'document':
      return innerHtml(node);
    case 'doctype':
      return doctype(node);
    case 'comment':
      return `<!--${node.data.replace(/&|(?<=^|[!-])>/g, (letter) => ESCAPES[letter] ?? letter)}-->`;
    case 'text':
      return isLiteral(node.parent) ? node.data : escaped(node.data);
    case 'element':
      return element(node);
  }
}

function element(node: HtmlNode): string {
  const { data: name, attributes, first } = node;
  const written = attributes.map(
    ({ name: key, value, prefix = '' }) => ` ${prefix === '' ? '' : `${prefix}:`}${key}="${escaped(value)}"`,
  );
  const open = `<${name}${written.join('')}`;
  if (VOID.has(name)) return `${open}/>`;
  const lead = LOSES_NEWLINE.has(name) && first?.kind === 'text' && first.data.startsWith('\n') ? '\n' : '';
  return `${open}>${lead}${innerHtml(node)}</${name}>`;
}

function isLiteral(parent: HtmlNode | undefined): boolean {
  return parent?.kind === 'element' && parent.namespace === '' && LITERAL.has(parent.data);
}

function doctype(node: HtmlNode): string {
  const quoted = (text: string): string => {
    const mark = text.includes('"') ? "'" : '"';
    return `${mark}${text.replaceAll('>', '&gt;')}${mark}`;
  };
  const [publicId = '', systemId = ''] = [attributeOf(node, 'public'), attributeOf(node, 'system')];
  const name = `<!DOCTYPE ${escaped(node.data)}`;
  if (publicId !== '')
    return `${name} PUBLIC ${quoted(publicId)}${systemId === '' ? '' : ` ${quoted(systemId)}`}>`;
  return systemId === '' ? `${name}>` : `${name} SYSTEM ${quoted(systemId)}>`;
}

function escaped(text: string): string {
  return text.replace(/[&'<>"\r]/g, (letter) => ESCAPES[letter] ?? letter);
}
