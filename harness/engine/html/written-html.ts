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

/** Go writes no element that may hold nothing and does. */
class Unwritable extends Error {}

/**
 * What is in a node, as HTML; undefined: Go cannot write it. Of a script it is escaped, as in k6, though it is no markup
 * there.
 */
export function innerHtml(node: HtmlNode): string | undefined {
  try {
    return node
      .children()
      .map((child) => cutAtPlaintext(outerHtml(child)))
      .join('');
  } catch (error) {
    if (error instanceof Unwritable) return undefined;
    throw error;
  }
}

/** What is behind a `<plaintext>` cannot be written any more. */
const END_OF_ALL = '\0';

function cutAtPlaintext(text: string): string {
  const end = text.indexOf(END_OF_ALL);
  return end === -1 ? text : text.slice(0, end);
}

function outerHtml(node: HtmlNode): string {
  switch (node.kind) {
    case 'document':
      return node.children().map(outerHtml).join('');
    case 'doctype':
      return doctype(node);
    case 'comment':
      return `<!--${node.data.replace(/&|(?<=^|[!-])>/g, (letter) => ESCAPES[letter] ?? letter)}-->`;
    case 'text':
      return escaped(node.data);
    default:
      return element(node);
  }
}

function element(node: HtmlNode): string {
  const { data: name, attributes, first } = node;
  const written = attributes.map(
    ({ name: key, value, prefix = '' }) => ` ${prefix === '' ? '' : `${prefix}:`}${key}="${escaped(value)}"`,
  );
  const open = `<${name}${written.join('')}`;
  if (VOID.has(name) && first !== undefined) throw new Unwritable(name);
  if (VOID.has(name)) return `${open}/>`;
  const lead = LOSES_NEWLINE.has(name) && first?.kind === 'text' && first.data.startsWith('\n') ? '\n' : '';
  const isLiteral = node.namespace === '' && LITERAL.has(name);
  const inner = node
    .children()
    .map((child) => (isLiteral && child.kind === 'text' ? child.data : outerHtml(child)))
    .join('');
  return `${open}>${lead}${inner}${name === 'plaintext' ? END_OF_ALL : `</${name}>`}`;
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
