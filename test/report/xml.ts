/** A small strict XML reader for tests: throws on whatever is not well-formed (XML 1.0; no DTD, no CDATA). */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const NAME = /[A-Za-z_][\w.-]*/y;
const ILLEGAL =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

export function parseXml(text: string): XmlElement {
  if (ILLEGAL.test(text)) throw new Error('a character that XML does not allow');
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
  };
  const eat = (token: string): boolean => {
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const need = (token: string): void => {
    if (!eat(token)) fail(`expected ${token}`);
  };
  const space = (): boolean => {
    const from = at;
    while (/\s/.test(text.charAt(at))) at++;
    return at > from;
  };
  const name = (): string => {
    NAME.lastIndex = at;
    const found = NAME.exec(text)?.[0] ?? fail('expected a name');
    at += found.length;
    return found;
  };
  const decoded = (raw: string): string => {
    const rest = raw.replace(/&(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);/gi, '');
    if (rest.includes('&') || rest.includes('<')) fail('a bare & or <');
    return raw.replace(/&(#?\w+);/g, (_, entity: string) => {
      const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
      return named[entity] ?? String.fromCodePoint(Number(entity.replace('#', '').replace(/^x/i, '0x')));
    });
  };
  const element = (): XmlElement => {
    need('<');
    const tag = name();
    const attributes: Record<string, string> = {};
    while (space()) {
      if (text.startsWith('/>', at) || text.startsWith('>', at)) break;
      const attribute = name();
      need('="');
      const end = text.indexOf('"', at);
      if (end < 0) fail('an open attribute');
      if (attribute in attributes) fail(`attribute ${attribute} twice`);
      attributes[attribute] = decoded(text.slice(at, end));
      at = end + 1;
    }
    if (eat('/>')) return { name: tag, attributes, children: [], text: '' };
    need('>');
    const children: XmlElement[] = [];
    let content = '';
    while (!eat(`</${tag}>`)) {
      if (text.startsWith('</', at)) fail(`expected </${tag}>`);
      if (text.startsWith('<', at)) children.push(element());
      else {
        const end = text.indexOf('<', at);
        if (end < 0) fail(`<${tag}> is never closed`);
        content += decoded(text.slice(at, end));
        at = end;
      }
    }
    return { name: tag, attributes, children, text: content };
  };
  need('<?xml version="1.0" encoding="UTF-8"?>');
  space();
  const root = element();
  space();
  if (at < text.length) fail('more after the root');
  return root;
}
