/** Where an element stands among its siblings: `:nth-child` and its like. */
import type { HtmlNode, Matches } from './node.ts';

interface Nth {
  readonly step: number;
  readonly offset: number;
  /** Counted from the end. */
  readonly isLast?: boolean;
  /** Only elements of its name are counted. */
  readonly isOfType?: boolean;
}

export function nthMatch({ step, offset, isLast = false, isOfType = false }: Nth): Matches {
  return (node) => {
    if (node.kind !== 'element' || node.parent === undefined) return false;
    const all = counted(node, isOfType);
    const at = all.indexOf(node);
    const rest = (isLast ? all.length - at : at + 1) - offset;
    return step === 0 ? rest === 0 : rest % step === 0 && rest / step >= 0;
  };
}

/** `:only-child`, `:only-of-type`. */
export function onlyMatch(isOfType: boolean): Matches {
  return (node) =>
    node.kind === 'element' && node.parent !== undefined && counted(node, isOfType).length === 1;
}

function counted(node: HtmlNode, isOfType: boolean): readonly HtmlNode[] {
  const all = node.parent?.children() ?? [];
  return all.filter((one) => one.kind === 'element' && (!isOfType || one.data === node.data));
}
