/** What the parts of a selector ask of a node. */
import { attributeOf, textIn, type HtmlNode, type Matches } from './node.ts';
import { nthMatch, onlyMatch } from './selector-places.ts';

type Compare = (value: string, wanted: string) => boolean;

const isFilled = (value: string): boolean => value.trim() !== '';

/** By sign. */
const COMPARE: Readonly<Record<string, Compare>> = {
  '': () => true,
  '=': (value, wanted) => value === wanted,
  '~=': (value, wanted) => value.split(/[ \t\r\n\f]/).some((word) => word !== '' && word === wanted),
  '|=': (value, wanted) => value === wanted || value.startsWith(`${wanted}-`),
  '^=': (value, wanted) => isFilled(value) && value.startsWith(wanted),
  '$=': (value, wanted) => isFilled(value) && value.endsWith(wanted),
  '*=': (value, wanted) => isFilled(value) && value.includes(wanted),
};

/** `wanted`: a pattern where the sign is `#=`. */
export function attributeMatch(
  name: string,
  sign: string,
  wanted: string | RegExp,
  isAnyCase = false,
): Matches {
  const text = String(wanted);
  const fold = (value: string): string => (isAnyCase ? value.toLowerCase() : value);
  const compare = COMPARE[sign === '!=' ? '=' : sign] ?? COMPARE['='];
  const isSo: (value: string) => boolean =
    wanted instanceof RegExp
      ? (value) => wanted.test(value)
      : (value) => compare?.(fold(value), fold(text)) === true;
  const isWanted = sign !== '!=';
  return (node) =>
    node.kind === 'element' &&
    node.attributes.some((one) => one.name === name && isSo(one.value)) === isWanted;
}

/** What stands between two parts of a selector: whether a node lies so to one that matches. */
export const CHILD_OF: Readonly<Record<string, (node: HtmlNode, matches: Matches) => boolean>> = {
  ' ': (node, matches) => {
    for (let at = node.parent; at !== undefined; at = at.parent) if (matches(at)) return true;
    return false;
  },
  '>': ({ parent }, matches) => parent !== undefined && matches(parent),
  '+': (node, matches) => {
    let at = node.previous;
    while (at?.kind === 'text' || at?.kind === 'comment') at = at.previous;
    return at !== undefined && matches(at);
  },
  '~': (node, matches) => {
    for (let at = node.previous; at !== undefined; at = at.previous) if (matches(at)) return true;
    return false;
  },
};

const FIELDS = ['button', 'input', 'select', 'textarea'];
const GROUPS = ['optgroup', 'menuitem', 'fieldset'];
const LINKS = ['a', 'area', 'link'];

const isOne = ({ kind, data }: HtmlNode, names: readonly string[]): boolean =>
  kind === 'element' && names.includes(data);
const has = (node: HtmlNode, name: string): boolean =>
  node.kind === 'element' && attributeOf(node, name) !== undefined;
const isLink: Matches = (node) => isOne(node, LINKS) && has(node, 'href');
const isField: Matches = (node) => isOne(node, [...FIELDS, 'option']);
const never: Matches = () => false;

function isOff(node: HtmlNode): boolean {
  return has(node, 'disabled') || (isField(node) && isInDisabledFieldset(node));
}

function isInDisabledFieldset(node: HtmlNode): boolean {
  const { parent } = node;
  if (parent === undefined) return false;
  if (isOne(parent, ['fieldset']) && has(parent, 'disabled') && !isFirstLegend(node)) return true;
  return isInDisabledFieldset(parent);
}

function isFirstLegend(node: HtmlNode): boolean {
  if (!isOne(node, ['legend'])) return false;
  for (let at = node.previous; at !== undefined; at = at.previous) if (isOne(at, ['legend'])) return false;
  return true;
}

function isChecked(node: HtmlNode): boolean {
  if (isOne(node, ['option'])) return has(node, 'selected');
  const type = attributeOf(node, 'type')?.toLowerCase() ?? '';
  return isOne(node, ['input', 'menuitem']) && has(node, 'checked') && ['checkbox', 'radio'].includes(type);
}

/** Pseudo-classes that say nothing in brackets. */
export const PLAIN_CLASSES: ReadonlyMap<string, Matches> = new Map(
  Object.entries<Matches>({
    'first-child': nthMatch({ step: 0, offset: 1 }),
    'last-child': nthMatch({ step: 0, offset: 1, isLast: true }),
    'first-of-type': nthMatch({ step: 0, offset: 1, isOfType: true }),
    'last-of-type': nthMatch({ step: 0, offset: 1, isLast: true, isOfType: true }),
    'only-child': onlyMatch(false),
    'only-of-type': onlyMatch(true),
    input: (node) => isOne(node, FIELDS),
    empty: (node) =>
      node.kind === 'element' &&
      node
        .children()
        .every((child) => child.kind !== 'element' && !isFilled(child.kind === 'text' ? textIn(child) : '')),
    root: (node) => node.kind === 'element' && node.parent?.kind === 'document',
    link: isLink,
    enabled: (node) => isLink(node) || ((isField(node) || isOne(node, GROUPS)) && !isOff(node)),
    disabled: (node) => (isField(node) || isOne(node, GROUPS)) && isOff(node),
    checked: isChecked,
    // Of a page that nobody looks at.
    visited: never,
    hover: never,
    active: never,
    focus: never,
    target: never,
  }),
);
