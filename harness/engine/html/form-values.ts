/** What a form has to send: values of its fields, as k6 reads them off the attributes. */
import { attributeOf, type HtmlNode } from './node.ts';
import { below, type Nodes } from './places.ts';
import { selectorOf } from './selector.ts';
import { innerHtml } from './written-html.ts';

/** A list where a select takes several. */
export type FieldValue = string | string[] | undefined;

export interface Field {
  readonly name: string;
  readonly value: FieldValue;
}

const IS_FIELD = selectorOf('input,select,textarea,keygen');
const IS_CHOSEN = selectorOf('option[selected]');
/** Types that are sent by nobody, or only when they are pressed. */
const UNSENT = ['submit', 'button', 'reset', 'image', 'file'];
const MAY_BE_OFF = ['checkbox', 'radio'];

/** The value of the first node; undefined: it is none that has one. `list` makes the list of a select that takes several. */
export function valueOf(nodes: Nodes, list: (texts: string[]) => string[]): FieldValue {
  const [node] = nodes;
  if (node?.kind !== 'element') return undefined;
  switch (node.data) {
    case 'input':
      return attributeOf(node, 'value') ?? (MAY_BE_OFF.includes(attributeOf(node, 'type') ?? '') ? 'on' : '');
    case 'button':
      return attributeOf(node, 'value') ?? '';
    case 'textarea':
      return innerHtml(node);
    case 'option':
      return valueOrHtml(node);
    case 'select': {
      const chosen = below([node], IS_CHOSEN);
      return attributeOf(node, 'multiple') === undefined
        ? valueOrHtml(chosen[0])
        : list(chosen.map(valueOrHtml));
    }
    default:
      return undefined;
  }
}

export function valueOrHtml(node: HtmlNode | undefined): string {
  return attributeOf(node, 'value') ?? (node === undefined ? '' : (innerHtml(node) ?? ''));
}

/** The fields that are sent: those of a form, or those among the nodes. */
export function fieldsOf(nodes: Nodes, list: (texts: string[]) => string[]): Field[] {
  const isForm = nodes.some(({ kind, data }) => kind === 'element' && data === 'form');
  const fields = isForm ? below(nodes, IS_FIELD) : nodes.filter(IS_FIELD);
  return fields
    .filter(isSent)
    .map((node) => ({ name: attributeOf(node, 'name') ?? '', value: valueOf([node], list) }));
}

/** k6 asks for the very words: `disabled` and `checked` without a value are neither. */
function isSent(node: HtmlNode): boolean {
  const type = attributeOf(node, 'type') ?? '';
  return (
    (attributeOf(node, 'name') ?? '') !== '' &&
    attributeOf(node, 'disabled') !== 'disabled' &&
    !UNSENT.includes(type) &&
    (attributeOf(node, 'checked') === 'checked' || !MAY_BE_OFF.includes(type))
  );
}
