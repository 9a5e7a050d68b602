/** From nodes to nodes: children, parents and siblings, each once, as k6's goquery gives them. */
import type { HtmlNode, Matches } from './node.ts';

export type Nodes = readonly HtmlNode[];

/** Of each node what `from` gives, each once, in the order in which they are come by. */
function each(nodes: Nodes, from: (node: HtmlNode) => Nodes): HtmlNode[] {
  return [...new Set(nodes.flatMap(from))];
}

/** What matches among all that is below. */
export function below(nodes: Nodes, matches: Matches): HtmlNode[] {
  const found: HtmlNode[] = [];
  const look = (node: HtmlNode): void => {
    if (matches(node)) found.push(node);
    for (let child = node.first; child !== undefined; child = child.next) look(child);
  };
  for (const node of nodes) for (const child of node.children()) if (child.kind === 'element') look(child);
  return [...new Set(found)];
}

export function childrenOf(nodes: Nodes): HtmlNode[] {
  return each(nodes, (node) => node.children().filter(isElement));
}

/** With texts and comments. */
export function contentsOf(nodes: Nodes): HtmlNode[] {
  return each(nodes, (node) => node.children());
}

export function parentOf(nodes: Nodes): HtmlNode[] {
  return each(nodes, ({ parent }) => (parent?.kind === 'element' ? [parent] : []));
}

/** From the nearest on; `isEnd` is none of them, nor what lies above it. */
export function parentsOf(nodes: Nodes, isEnd: Matches = never): HtmlNode[] {
  return each(nodes, (node) => {
    const found: HtmlNode[] = [];
    for (let at = node.parent; at !== undefined && !isEnd(at); at = at.parent)
      if (isElement(at)) found.push(at);
    return found;
  });
}

/** The node itself or the nearest above it that matches. */
export function closestOf(nodes: Nodes, matches: Matches): HtmlNode[] {
  return each(nodes, (node) => {
    let at: HtmlNode | undefined = node;
    while (at !== undefined && !matches(at)) at = at.parent;
    return at === undefined ? [] : [at];
  });
}

export function siblingsOf(nodes: Nodes): HtmlNode[] {
  return each(nodes, (node) =>
    (node.parent?.children() ?? []).filter((one) => isElement(one) && one !== node),
  );
}

/** The elements behind it (`next`) or before it (`previous`), from the nearest on; at most so many, and none from `isEnd` on. */
export function besides(
  nodes: Nodes,
  way: 'next' | 'previous',
  { most = Infinity, isEnd = never }: { readonly most?: number; readonly isEnd?: Matches } = {},
): HtmlNode[] {
  return each(nodes, (node) => {
    const found: HtmlNode[] = [];
    for (let at = node[way]; at !== undefined && found.length < most; at = at[way]) {
      if (!isElement(at)) continue;
      if (isEnd(at)) break;
      found.push(at);
    }
    return found;
  });
}

export function isBelow(node: HtmlNode, above: HtmlNode): boolean {
  let at = node.parent;
  while (at !== undefined && at !== above) at = at.parent;
  return at !== undefined;
}

function isElement({ kind }: HtmlNode): boolean {
  return kind === 'element';
}

function never(): boolean {
  return false;
}
