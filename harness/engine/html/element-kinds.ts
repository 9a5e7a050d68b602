/** The methods that each kind of element has beside those of all, by the name of its tag. */
import {
  above,
  all,
  always,
  count,
  flag,
  form,
  inPage,
  labels,
  placeIn,
  text,
  textIn,
  textOf,
  url,
  whole,
  wholeOf,
  word,
  wordOrNone,
  words,
  type Read,
} from './element-reads.ts';
import { formAttributes } from './form-attributes.ts';
import { valueOrHtml } from './form-values.ts';
import { LINK_PARTS } from './link-parts.ts';
import { attributeOf, type HtmlNode } from './node.ts';
import { below, childrenOf } from './places.ts';
import { selectorOf } from './selector.ts';

type Reads = Readonly<Record<string, Read>>;

/** Methods that read the attribute of their own name in small letters. */
const texts = (...names: string[]): Reads => own(text, names);
const flags = (...names: string[]): Reads => own(flag, names);
const wholes = (...names: string[]): Reads => own((name) => whole(name), names);
function own(read: (name: string) => Read, names: readonly string[]): Reads {
  return Object.fromEntries(names.map((name) => [name, read(name.toLowerCase())]));
}

const REFERRER = word('referrerpolicy', [
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'origin',
  'origin-when-cross-origin',
  'unsafe-url',
]);
const CROSS_ORIGIN = wordOrNone('crossorigin', ['anonymous', 'use-credentials']);
const ENCODING = word('enctype', ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);
const AUTOCOMPLETE = word('autocomplete', ['on', 'off']);
const INPUT_TYPES =
  'text button checkbox color date datetime-local email file hidden image month number password radio range reset search submit tel time url week';
const FORM_FIELDS = 'input,select,button,textarea,fieldset';

const link: Reads = {
  ...texts('download', 'rel', 'target', 'type', 'accessKey', 'hrefLang'),
  referrerPolicy: REFERRER,
  relList: words('rel'),
  href: url('href'),
  toString: url('href'),
  text: textIn,
  ...LINK_PARTS,
};
const media: Reads = {
  ...flags('autoplay', 'controls', 'loop', 'muted'),
  ...texts('mediaGroup'),
  defaultMuted: flag('muted'),
  preload: word('preload', ['auto', 'metadata', 'none']),
  src: url('src'),
  currentSrc: text('src'),
  crossOrigin: CROSS_ORIGIN,
  textTracks: all('track'),
};
const field: Reads = { ...texts('name'), form, labels, ...formAttributes };
const change: Reads = texts('cite', 'datetime');
const section: Reads = { rows: all('tr') };
const cell: Reads = {
  colSpan: whole('colspan', 1),
  rowSpan: whole('rowspan', 1),
  ...texts('headers'),
  cellIndex: placeIn('tr', 'th,td', -1),
};

/** The first element that stands right in it. */
const child =
  (name: string): Read =>
  ({ node, page }) =>
    page.elementOf(childrenOf([node]).filter(selectorOf(name)));
const chosen = (node: HtmlNode): HtmlNode[] => below([node], selectorOf('option[selected]'));

function progress(none: number): Read {
  return ({ node }) => {
    const value = positive(node, 'value');
    return value === undefined ? none : value / (positive(node, 'max') ?? 1);
  };
}

function positive(node: HtmlNode, name: string): number | undefined {
  const written = attributeOf(node, name) ?? '';
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(written) ? Number(written) : -1;
  return value < 0 ? undefined : value;
}

/** Go's name of the kind, and its methods. */
export type Kind = readonly [goName: string, reads: Reads];

/** By tag. */
export const KINDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries<Kind>({
    a: ['Anchor', link],
    area: ['Area', link],
    audio: ['Audio', media],
    base: ['Base', { href: url('href', (pageUrl) => pageUrl), ...texts('target') }],
    button: [
      'Button',
      {
        ...field,
        ...texts('accessKey'),
        ...flags('autofocus', 'disabled'),
        ...wholes('tabIndex'),
        type: word('type', ['submit', 'button', 'menu', 'reset']),
        value: ({ node }) => valueOrHtml(node),
      },
    ],
    canvas: ['Canvas', { width: whole('width', 150), height: whole('height', 150) }],
    data: ['Data', texts('value')],
    datalist: ['DataList', { options: all('option') }],
    del: ['Del', change],
    ins: ['Ins', change],
    embed: ['Embed', texts('height', 'width', 'src', 'type')],
    fieldset: [
      'FieldSet',
      {
        ...flags('disabled'),
        ...texts('name'),
        form,
        type: always('fieldset'),
        elements: all('input,select,button,textarea'),
        validity: always(undefined),
      },
    ],
    form: [
      'Form',
      {
        action: url('action'),
        ...texts('name', 'target'),
        enctype: ENCODING,
        encoding: ENCODING,
        acceptCharset: text('accept-charset'),
        autocomplete: AUTOCOMPLETE,
        ...flags('noValidate'),
        elements: all(FORM_FIELDS),
        length: count(FORM_FIELDS),
        method: word('method', ['get', 'post']),
      },
    ],
    iframe: [
      'IFrame',
      {
        ...flags('allowfullscreen'),
        referrerPolicy: REFERRER,
        ...texts('height', 'width', 'name'),
        src: url('src'),
      },
    ],
    img: [
      'Image',
      {
        src: url('src'),
        currentSrc: url('src'),
        ...texts('sizes', 'srcset', 'alt', 'name', 'useMap'),
        crossOrigin: CROSS_ORIGIN,
        ...wholes('height', 'width'),
        ...flags('isMap'),
        referrerPolicy: REFERRER,
      },
    ],
    input: [
      'Input',
      {
        ...field,
        ...wholes('tabIndex', 'size'),
        type: word('type', INPUT_TYPES.split(' ')),
        ...flags('disabled', 'autofocus', 'required', 'checked', 'readonly', 'multiple'),
        defaultChecked: flag('checked'),
        ...texts('value', 'alt', 'height', 'width', 'accept', 'pattern', 'placeholder', 'min', 'max'),
        ...texts('dirName', 'accessKey', 'step'),
        defaultValue: text('value'),
        src: url('src'),
        autocomplete: AUTOCOMPLETE,
        maxLength: whole('maxlength', -1),
        list: ({ node, page }) => {
          const id = textOf(node, 'list');
          const isWithout = ['hidden', 'checkbox', 'radio', 'file', 'button'].includes(textOf(node, 'type'));
          return id === '' || isWithout ? undefined : page.elementOf(inPage(node, `datalist[id="${id}"]`));
        },
      },
    ],
    keygen: [
      'Keygen',
      {
        ...flags('autofocus', 'disabled'),
        ...texts('challenge', 'name'),
        keytype: word('keytype', ['RSA', 'DSA', 'EC']),
        type: always('keygen'),
        form,
        labels,
      },
    ],
    label: [
      'Label',
      {
        htmlFor: text('for'),
        form,
        control: ({ node, page }) => {
          const id = attributeOf(node, 'for');
          return id === undefined ? undefined : page.elementOf(inPage(node, `#${id}`));
        },
      },
    ],
    legend: ['Legend', { ...texts('accessKey'), form }],
    li: [
      'Li',
      {
        ...wholes('value'),
        type: word('type', ['', '1', 'a', 'A', 'i', 'I', 'disc', 'square', 'circle']),
      },
    ],
    link: [
      'Link',
      {
        crossOrigin: CROSS_ORIGIN,
        referrerPolicy: REFERRER,
        href: url('href'),
        ...texts('hreflang', 'media', 'rel', 'target', 'type'),
        relList: words('rel'),
      },
    ],
    map: [
      'Map',
      {
        ...texts('name'),
        areas: all('area'),
        // By its id alone, as in k6.
        images: (element) => {
          const id = attributeOf(element.node, 'id');
          const using = `img[usemap="#${id}"],object[usemap="#${id}"]`;
          return id === undefined
            ? []
            : inPage(element.node, using).map((one) => element.page.elementOf([one]));
        },
      },
    ],
    meta: [
      'Meta',
      {
        ...texts('content', 'name'),
        httpEquiv: word('http-equiv', ['content-type', 'default-style', 'refresh']),
      },
    ],
    meter: ['Meter', { ...wholes('min', 'max', 'high', 'low', 'optimum'), labels }],
    object: [
      'Object',
      {
        data: url('data'),
        ...texts('height', 'name', 'type', 'useMap', 'width'),
        ...wholes('tabIndex'),
        ...flags('typeMustMatch'),
        form,
      },
    ],
    ol: [
      'OList',
      { ...flags('reversed'), ...wholes('start'), type: word('type', ['1', 'a', 'A', 'i', 'I']) },
    ],
    optgroup: ['OptGroup', { ...flags('disabled'), ...texts('label') }],
    option: [
      'Option',
      {
        defaultSelected: flag('selected'),
        selected: flag('selected'),
        disabled: ({ node }) =>
          attributeOf(node, 'disabled') !== undefined ||
          attributeOf(above(node, 'optgroup')[0], 'disabled') !== undefined,
        form: ({ node, page }) => {
          const [around] = above(node, 'form');
          if (around !== undefined) return page.elementOf([around]);
          const [select] = above(node, 'select');
          const id = attributeOf(select, 'form');
          return select === undefined || id === undefined
            ? undefined
            : page.elementOf(inPage(select, `form#${id}`));
        },
        index: placeIn('select,datalist', 'option', 0),
        label: (element) => attributeOf(element.node, 'label') ?? element.textContent(),
        text: textIn,
        value: ({ node }) => valueOrHtml(node),
      },
    ],
    output: [
      'Output',
      {
        htmlFor: text('for'),
        ...texts('name'),
        type: always('output'),
        form,
        labels,
        value: textIn,
        defaultValue: textIn,
      },
    ],
    param: ['Param', texts('name', 'value')],
    pre: ['Pre', texts('name', 'value')],
    progress: [
      'Progress',
      { max: ({ node }) => positive(node, 'max') ?? 1, value: progress(0), position: progress(-1), labels },
    ],
    quote: ['Quote', texts('cite')],
    script: [
      'Script',
      {
        ...texts('crossOrigin', 'type', 'charset'),
        src: url('src'),
        ...flags('async', 'defer', 'noModule'),
        text: textIn,
      },
    ],
    select: [
      'Select',
      {
        ...flags('autofocus', 'disabled', 'multiple', 'required'),
        ...texts('name'),
        ...wholes('tabIndex'),
        form,
        labels,
        length: count('option'),
        options: all('option'),
        selectedOptions: all('option[selected]'),
        selectedIndex: ({ node }) => {
          const [first] = chosen(node);
          return first === undefined ? -1 : below([node], selectorOf('option')).indexOf(first);
        },
        size: ({ node }) => (attributeOf(node, 'multiple') === undefined ? 1 : 4),
        type: ({ node }) => (attributeOf(node, 'multiple') === undefined ? 'select' : 'select-multiple'),
        value: ({ node }) => valueOrHtml(chosen(node)[0]),
      },
    ],
    source: ['Source', { ...texts('keySystem', 'media', 'sizes', 'srcset', 'type'), src: url('src') }],
    style: ['Style', { ...texts('media'), type: ({ node }) => textOf(node, 'type') || 'text/css' }],
    table: [
      'Table',
      {
        ...flags('sortable'),
        caption: child('caption'),
        tHead: child('thead'),
        tFoot: child('tfoot'),
        rows: all('tr'),
        tBodies: all('tbody'),
      },
    ],
    thead: ['TableHead', section],
    tfoot: ['TableFoot', section],
    tbody: ['TableBody', section],
    tr: [
      'TableRow',
      {
        cells: all('th,td'),
        rowIndex: placeIn('table', 'tr', -1),
        sectionRowIndex: placeIn('thead,tbody,tfoot', 'tr', -1),
      },
    ],
    col: ['TableCol', { span: ({ node }) => Math.max(1, wholeOf(node, 'span', 1)) }],
    td: ['TableDataCell', cell],
    th: [
      'TableHeaderCell',
      {
        ...cell,
        ...texts('abbr'),
        scope: word('scope', ['', 'row', 'col', 'colgroup', 'rowgroup']),
        ...flags('sorted'),
      },
    ],
    textarea: [
      'TextArea',
      {
        type: always('textarea'),
        ...texts('value', 'placeholder', 'accessKey'),
        defaultValue: text('value'),
        ...wholes('rows', 'cols', 'maxLength', 'tabIndex'),
        ...flags('readOnly', 'required'),
        autocomplete: AUTOCOMPLETE,
        autocapitalize: word('autocapitalize', ['sentences', 'none', 'off', 'characters', 'words']),
        wrap: word('wrap', ['soft', 'hard', 'off']),
        form,
        labels,
        // In bytes, of an attribute that it does not have by rights.
        length: ({ node }) => Buffer.byteLength(textOf(node, 'value')),
      },
    ],
    time: ['Time', texts('datetime')],
    title: ['Title', { text: textIn }],
    track: [
      'Track',
      {
        kind: word('kind', ['subtitle', 'captions', 'descriptions', 'chapters', 'metadata']),
        src: url('src'),
        ...texts('srclang', 'label'),
        ...flags('default'),
      },
    ],
    ul: ['UList', texts('type')],
    video: ['Video', media],
  }),
);
