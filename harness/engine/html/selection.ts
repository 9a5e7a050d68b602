/** A selection of `k6/html`: nodes of a page, and the way from them to others. */
import { goList } from '../k6/go-list.ts';
import { goQuery, goType } from '../k6/request-body.ts';
import { asText } from '../k6/text.ts';
import { textAt, wholeAt } from './arguments.ts';
import { attributeName, dataValue, propertyName } from './data-values.ts';
import { fieldsOf, valueOf, type Field, type FieldValue } from './form-values.ts';
import { Item } from './item.ts';
import { attributeOf, textIn, type HtmlNode, type Matches } from './node.ts';
import { ElementHandle, type Page } from './page.ts';
import {
  besides,
  below,
  childrenOf,
  closestOf,
  contentsOf,
  isBelow,
  parentOf,
  parentsOf,
  siblingsOf,
  type Nodes,
} from './places.ts';
import { selectorOf } from './selector.ts';
import { innerHtml } from './written-html.ts';

type Callback = (...values: unknown[]) => unknown;

/** A selection, a selector or an element: what it finds, by which of them it is. */
interface Ways {
  readonly selector: (text: string) => Nodes;
  readonly nodes: (nodes: Nodes) => Nodes;
}

export class Selection {
  /** Shown to the script as its own. */
  static readonly fields = ['url'];
  readonly url: string;
  readonly #page: Page;
  readonly #nodes: Nodes;
  readonly #before: Selection | undefined;
  /** What `map` hands out: k6 takes it for no selection where it is handed back. */
  readonly #isPointer: boolean;

  constructor(page: Page, nodes: Nodes, before?: Selection, isPointer = false) {
    this.url = page.url;
    this.#page = page;
    this.#nodes = nodes;
    this.#before = before;
    this.#isPointer = isPointer;
  }

  /** For the engine, not for the script. */
  static nodesOf(selection: Selection): Nodes {
    return selection.#nodes;
  }

  add(given: unknown): Selection {
    const all = this.#page.document;
    return this.#by(given, {
      selector: (text) => union(this.#nodes, below([all], selectorOf(text))),
      nodes: (nodes) => union(this.#nodes, nodes),
    });
  }

  find(given: unknown): Selection {
    return this.#by(given, {
      selector: (text) => below(this.#nodes, selectorOf(text)),
      nodes: (nodes) => nodes.filter((node) => this.#nodes.some((above) => isBelow(node, above))),
    });
  }

  /** The first that `find` finds. */
  single(...given: unknown[]): Selection {
    return this.#to(below(this.#nodes, selectorOf(textAt(given, 0))).slice(0, 1));
  }

  closest(given: unknown): Selection {
    return this.#by(given, {
      selector: (text) => closestOf(this.#nodes, selectorOf(text)),
      nodes: (nodes) => closestOf(this.#nodes, isAmong(nodes)),
    });
  }

  has(given: unknown): Selection {
    const holding = (nodes: Nodes): Nodes =>
      this.#nodes.filter((above) => nodes.some((node) => isBelow(node, above)));
    return this.#by(given, {
      selector: (text) => holding(below([this.#page.document], selectorOf(text))),
      nodes: holding,
    });
  }

  not(given: unknown): Selection {
    if (typeof given === 'function') {
      const isIt = this.#asked(given as Callback);
      return this.#to(this.#nodes.filter((node, index) => !isIt(node, index)));
    }
    return this.#by(given, {
      selector: (text) => this.#nodes.filter(negated(selectorOf(text))),
      nodes: (nodes) => this.#nodes.filter(negated(isAmong(nodes))),
    });
  }

  filter(given: unknown): Selection {
    const isIt = this.#test(given, 'filter');
    return this.#to(this.#nodes.filter((node, index) => isIt(node, index)));
  }

  is(given: unknown): boolean {
    const isIt = this.#test(given, 'is');
    return this.#nodes.some((node, index) => isIt(node, index));
  }

  children(...given: unknown[]): Selection {
    return this.#next(childrenOf(this.#nodes), given);
  }

  contents(): Selection {
    return this.#to(contentsOf(this.#nodes));
  }

  parent(...given: unknown[]): Selection {
    return this.#next(parentOf(this.#nodes), given);
  }

  parents(...given: unknown[]): Selection {
    return this.#next(parentsOf(this.#nodes), given);
  }

  siblings(...given: unknown[]): Selection {
    return this.#next(siblingsOf(this.#nodes), given);
  }

  next(...given: unknown[]): Selection {
    return this.#next(besides(this.#nodes, 'next', { most: 1 }), given);
  }

  nextAll(...given: unknown[]): Selection {
    return this.#next(besides(this.#nodes, 'next'), given);
  }

  prev(...given: unknown[]): Selection {
    return this.#next(besides(this.#nodes, 'previous', { most: 1 }), given);
  }

  prevAll(...given: unknown[]): Selection {
    return this.#next(besides(this.#nodes, 'previous'), given);
  }

  nextUntil(...given: unknown[]): Selection {
    return this.#until((isEnd) => besides(this.#nodes, 'next', { isEnd }), given);
  }

  prevUntil(...given: unknown[]): Selection {
    return this.#until((isEnd) => besides(this.#nodes, 'previous', { isEnd }), given);
  }

  parentsUntil(...given: unknown[]): Selection {
    return this.#until((isEnd) => parentsOf(this.#nodes, isEnd), given);
  }

  /** The selection that this one was made from. */
  end(): Selection {
    return this.#before ?? new Selection(this.#page, []);
  }

  eq(...given: unknown[]): Selection {
    return this.#at(wholeAt(given, 0));
  }

  first(): Selection {
    return this.#at(0);
  }

  last(): Selection {
    return this.#at(-1);
  }

  /** An end beyond the last is no end. Throws as Go does where a bound lies outside. */
  slice(...given: unknown[]): Selection {
    const { length } = this.#nodes;
    const fromEnd = (at: number): number => (at < 0 ? at + length : at);
    const start = fromEnd(wholeAt(given, 0));
    const asked = given.length > 1 ? wholeAt(given, 1) : length;
    const end = asked < length ? fromEnd(asked) : length;
    if (start < 0 || end < 0 || start > end) throw new Error('runtime error: slice bounds out of range');
    return this.#to(this.#nodes.slice(start, end));
  }

  size(): number {
    return this.#nodes.length;
  }

  /** Its place among its siblings, or among what is given; -1: it is none of them. */
  index(...given: unknown[]): number {
    const [node] = this.#nodes;
    if (node === undefined && (given.length === 0 || typeof given[0] === 'string')) return -1;
    if (given.length === 0) return besides(this.#nodes.slice(0, 1), 'previous').length;
    const [asked] = given;
    if (typeof asked === 'string') return indexIn(below([this.#page.document], selectorOf(asked)), node);
    const selected = this.#selected(asked);
    const wanted = selected ? selected[0] : ElementHandle.nodeOf(this.#page.realm.behind(asked));
    return indexIn(this.#nodes, wanted);
  }

  text(): string {
    return this.#nodes.map(textIn).join('');
  }

  html(): string | undefined {
    return this.#nodes[0] === undefined ? '' : innerHtml(this.#nodes[0]);
  }

  attr(...given: unknown[]): unknown {
    return attributeOf(this.#nodes[0], textAt(given, 0)) ?? given[1];
  }

  val(): FieldValue {
    return valueOf(this.#nodes, this.#list);
  }

  data(...given: unknown[]): unknown {
    const [node] = this.#nodes;
    if (node === undefined || node.attributes.length === 0) return undefined;
    const valueIn = (text: string): unknown => dataValue(text, (json) => this.#page.realm.parse(json));
    if (given.length > 0) {
      const value = attributeOf(node, `data-${attributeName(textAt(given, 0))}`);
      return value === undefined ? undefined : valueIn(value);
    }
    return Object.fromEntries(
      node.attributes
        .filter(({ name }) => name.startsWith('data-') && name.length > 5)
        .map(({ name, value }) => [propertyName(name.slice(5)), valueIn(value)]),
    );
  }

  each(...given: unknown[]): Selection {
    const [work] = given;
    if (typeof work !== 'function') throw new Error('the argument to each() must be a function');
    this.#nodes.forEach((node, index) => {
      const element = this.#page.realm.out(this.#page.elementOf([node]));
      try {
        Reflect.apply(work as Callback, work, [index, element]);
      } catch (error) {
        throw new Error(`the function passed to each() failed: ${asText(error)}`, { cause: error });
      }
    });
    return this;
  }

  /** What the function throws for is left out. */
  map(...given: unknown[]): unknown[] {
    const [work] = given;
    if (typeof work !== 'function') throw new Error('the argument to map() must be a function');
    return this.#nodes.flatMap((node, index) => {
      const one = this.#page.realm.out(new Selection(this.#page, [node], undefined, true));
      try {
        return [Reflect.apply(work as Callback, work, [index, one])];
      } catch {
        return [];
      }
    });
  }

  get(...given: unknown[]): unknown {
    const { length } = this.#nodes;
    if (given.length === 0) return this.#nodes.map((node) => this.#page.elementOf([node]));
    const index = wholeAt(given, 0);
    return index < length && index > -length ? this.#page.elementOf(this.#at(index).#nodes) : undefined;
  }

  toArray(): Selection[] {
    return this.#nodes.map((_, index) => this.#at(index));
  }

  serializeArray(): object[] {
    return this.#fields().map(({ name, value }) => ({ name, value }));
  }

  serializeObject(): Record<string, FieldValue> {
    return Object.fromEntries(this.#fields().map(({ name, value }) => [name, value]));
  }

  serialize(): string {
    const fields = Object.entries(this.serializeObject());
    return goQuery(fields.flatMap(([name, value]) => asList(value).map((one) => [name, one] as const)));
  }

  #fields(): Field[] {
    return fieldsOf(this.#nodes, this.#list);
  }

  readonly #list = (texts: readonly string[]): string[] => goList(this.#page.realm, texts);

  #to(nodes: Nodes): Selection {
    return new Selection(this.#page, nodes, this);
  }

  #at(index: number): Selection {
    const node = this.#nodes.at(index);
    return node === undefined ? new Selection(this.#page, []) : this.#to([node]);
  }

  /** Those of them that a selector matches, where one is given. */
  #next(nodes: Nodes, given: readonly unknown[]): Selection {
    return this.#to(given.length === 0 ? nodes : nodes.filter(selectorOf(textAt(given, 0))));
  }

  #until(go: (isEnd: Matches) => Nodes, given: readonly unknown[]): Selection {
    const [end] = given;
    const nodes = typeof end === 'string' ? undefined : this.#selected(end);
    const isKnown = typeof end === 'string' || end === undefined || end === null || nodes !== undefined;
    if (given.length > 2 || !isKnown) throw notASelector(this.#typeOf(end));
    const found = go(typeof end === 'string' ? selectorOf(end) : isAmong(nodes ?? []));
    return this.#to(given.length < 2 ? found : found.filter(selectorOf(textAt(given, 1))));
  }

  /** The nodes of a selection. */
  #selected(given: unknown): Nodes | undefined {
    const behind = this.#page.realm.behind(given);
    return behind instanceof Selection && !behind.#isPointer ? behind.#nodes : undefined;
  }

  #by(given: unknown, { selector, nodes }: Ways): Selection {
    if (typeof given === 'string') return this.#to(selector(given));
    const element = ElementHandle.nodeOf(this.#page.realm.behind(given));
    const selected = element === undefined ? this.#selected(given) : [element];
    if (selected === undefined) throw notASelector(this.#typeOf(given));
    return this.#to(nodes(selected));
  }

  #test(given: unknown, name: string): (node: HtmlNode, index: number) => boolean {
    if (typeof given === 'string') return selectorOf(given);
    const selected = this.#selected(given);
    if (selected !== undefined) return isAmong(selected);
    if (typeof given === 'function') return this.#asked(given as Callback);
    throw new Error(`the argument to ${name}() must be a function, a selector or a selection`);
  }

  /** Asks the script's function. */
  #asked(work: Callback): (node: HtmlNode, index: number) => boolean {
    return (node, index) =>
      Boolean(Reflect.apply(work, work, [index, this.#page.realm.out(new Item([node]))]));
  }

  /** Go's name for what a script gave. */
  #typeOf(given: unknown): string {
    const behind = this.#page.realm.behind(given);
    if (behind instanceof Selection) return '*html.Selection';
    return behind instanceof ElementHandle ? behind.goType : goType(given);
  }
}

function notASelector(type: string): Error {
  return new Error(`invalid argument, cannot use a '${type}' as a selector`);
}

function union(nodes: Nodes, more: Nodes): Nodes {
  return [...new Set([...nodes, ...more])];
}

function isAmong(nodes: Nodes): Matches {
  const all = new Set(nodes);
  return (node) => all.has(node);
}

function negated(matches: Matches): Matches {
  return (node) => !matches(node);
}

function indexIn(nodes: Nodes, node: HtmlNode | undefined): number {
  return node === undefined ? -1 : nodes.indexOf(node);
}

function asList(value: FieldValue): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
