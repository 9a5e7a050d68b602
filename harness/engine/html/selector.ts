/** CSS selectors, with the pseudo-classes of cascadia. */
import { SelectorError, SelectorReader } from './selector-reader.ts';
import { attributeMatch, CHILD_OF, PLAIN_CLASSES } from './selector-matches.ts';
import { nthMatch } from './selector-places.ts';
import { textIn, type HtmlNode, type Matches } from './node.ts';

/** Selectors of a script are few, those that it makes up may be many. */
const MOST_KNOWN = 500;
const known = new Map<string, Matches>();
const NOTHING: Matches = () => false;

/** What a selector matches; nothing where it cannot be read, as in k6. */
export function selectorOf(text: string): Matches {
  let matches = known.get(text);
  if (matches === undefined) {
    matches = read(text);
    if (known.size < MOST_KNOWN) known.set(text, matches);
  }
  return matches;
}

function read(text: string): Matches {
  const reader = new SelectorReader(text);
  try {
    const matches = group(reader);
    return reader.isAtEnd ? matches : NOTHING;
  } catch (error) {
    if (error instanceof SelectorError) return NOTHING;
    throw error;
  }
}

/** Selectors with `,` between them. */
function group(reader: SelectorReader): Matches {
  const all = [selector(reader)];
  while (reader.skips(',')) all.push(selector(reader));
  return (node) => all.some((matches) => matches(node));
}

/** Parts with blanks, `>`, `+` or `~` between them. */
function selector(reader: SelectorReader): Matches {
  reader.skipsBlanks();
  let left = compound(reader);
  for (;;) {
    const isApart = reader.skipsBlanks();
    const sign = ['>', '+', '~'].find((one) => reader.skips(one));
    if (sign !== undefined) reader.skipsBlanks();
    else if (!isApart || reader.isAtEnd || reader.next === ',' || reader.next === ')') return left;
    left = joined(left, sign ?? ' ', compound(reader));
  }
}

function joined(left: Matches, sign: string, right: Matches): Matches {
  const isBehind = CHILD_OF[sign];
  return (node) => right(node) && isBehind !== undefined && isBehind(node, left);
}

/** What is said of one element. */
function compound(reader: SelectorReader): Matches {
  const parts: Matches[] = [];
  // Cascadia sees the other way to write it only where something is behind it.
  if (reader.skips('*')) {
    if (reader.left > 2) reader.skips('|*');
  } else if (!'#.[:'.includes(reader.next) || reader.isAtEnd) {
    parts.push(tag(reader));
  }
  for (;;) {
    if (reader.skips('#')) parts.push(attributeMatch('id', '=', reader.name()));
    else if (reader.skips('.')) parts.push(attributeMatch('class', '~=', reader.identifier()));
    else if (reader.skips('[')) parts.push(attribute(reader));
    else if (reader.skips(':')) parts.push(pseudoClass(reader));
    else break;
  }
  const [only] = parts;
  if (only === undefined) return (node) => node.kind === 'element';
  return parts.length === 1 ? only : (node) => parts.every((matches) => matches(node));
}

function tag(reader: SelectorReader): Matches {
  const name = lower(reader.identifier());
  return (node) => node.kind === 'element' && node.data === name;
}

function attribute(reader: SelectorReader): Matches {
  reader.skipsBlanks();
  const name = lower(reader.identifier());
  reader.skipsBlanks();
  if (reader.skips(']')) return attributeMatch(name, '', '');
  const sign = ['=', '!=', '~=', '|=', '^=', '$=', '*=', '#='].find((one) => reader.skips(one));
  if (sign === undefined) throw new SelectorError('expected an operator');
  reader.skipsBlanks();
  const value = sign === '#=' ? reader.regularExpression() : reader.value();
  reader.skipsBlanks();
  const isAnyCase = reader.skips('i') || reader.skips('I');
  reader.skipsBlanks();
  reader.expects(']');
  return attributeMatch(name, sign, value, isAnyCase);
}

function pseudoClass(reader: SelectorReader): Matches {
  const name = lower(reader.identifier());
  const plain = PLAIN_CLASSES.get(name);
  if (plain !== undefined) return plain;
  reader.expects('(');
  reader.skipsBlanks();
  const matches = withArgument(name, reader);
  reader.closes();
  return matches;
}

function withArgument(name: string, reader: SelectorReader): Matches {
  switch (name) {
    case 'not':
    case 'has':
    case 'haschild':
      return relative(name, group(reader));
    case 'contains':
    case 'containsown': {
      const text = reader.value().toLowerCase();
      return (node) => textFor(name, node).toLowerCase().includes(text);
    }
    case 'matches':
    case 'matchesown': {
      const pattern = reader.regularExpression();
      return (node) => pattern.test(textFor(name, node));
    }
    case 'lang': {
      const language = reader.identifier().toLowerCase();
      const isOwn = attributeMatch('lang', '|=', language);
      return (node) => {
        for (let at: HtmlNode | undefined = node; at !== undefined; at = at.parent)
          if (isOwn(at)) return true;
        return false;
      };
    }
    case 'nth-child':
    case 'nth-last-child':
    case 'nth-of-type':
    case 'nth-last-of-type':
      return nthMatch({ ...reader.nth(), isLast: name.includes('last'), isOfType: name.includes('type') });
    default:
      throw new SelectorError(`:${name} is unknown`);
  }
}

function relative(name: 'not' | 'has' | 'haschild', inner: Matches): Matches {
  if (name === 'not') return (node) => node.kind === 'element' && !inner(node);
  const isIn = (node: HtmlNode): boolean =>
    node
      .children()
      .some((child) => inner(child) || (name === 'has' && child.kind === 'element' && isIn(child)));
  return (node) => node.kind === 'element' && isIn(node);
}

/** Of `:contains` and its like: the text in a node, or only that of its own text nodes. */
function textFor(name: string, node: HtmlNode): string {
  if (!name.endsWith('own')) return node.kind === 'element' || node.kind === 'text' ? textIn(node) : '';
  return node
    .children()
    .map((child) => (child.kind === 'text' ? child.data : ''))
    .join('');
}

function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
