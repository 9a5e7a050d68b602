/** What a field says of its form's way, or else the form itself: `formaction` before `action`. */
import { formOf, referenceOrNone, type Read } from './element-reads.ts';
import { attributeOf, type HtmlNode } from './node.ts';

function said(node: HtmlNode, name: string): string | undefined {
  return attributeOf(node, `form${name}`) ?? attributeOf(formOf(node)[0], name);
}

export const formAttributes: Readonly<Record<string, Read>> = {
  formAction: ({ node, page }) => {
    const action = said(node, 'action') ?? '';
    if (page.url === '') return action;
    return action === '' ? page.url : (referenceOrNone(page.url, action) ?? action);
  },
  formEnctype: ({ node }) => {
    const written = said(node, 'enctype') ?? '';
    return ['multipart/form-data', 'text/plain'].includes(written)
      ? written
      : 'application/x-www-form-urlencoded';
  },
  formMethod: ({ node }) => (said(node, 'method')?.toLowerCase() === 'post' ? 'post' : 'get'),
  formNoValidate: ({ node }) => said(node, 'novalidate') !== undefined,
  formTarget: ({ node }) => said(node, 'target') ?? '',
};
