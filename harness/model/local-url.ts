/** Where an answer points to, as a URL of the target. Dependency-free: scripts follow by it, and k6 has no URL class. */

import type { Target } from './target.ts';

/**
 * A reference (RFC 3986, section 4.1) as a URL of the target. An absolute one counts only where its host is the one
 * that was asked or the target's own: nobody has named any other. Always sent to the target's own origin.
 */
export function localUrl(
  reference: string | undefined,
  base: string,
  { target, sentTo }: { readonly target: Target; readonly sentTo: string },
): string | undefined {
  if (reference === undefined || /[\s\\]/.test(reference)) return undefined;
  const own = originOf(target.baseUrl);
  if (own === undefined) return undefined;
  const absolute = /^(?:https?:)?\/\/([^/?#]*)([^#]*)/i.exec(reference);
  if (absolute) {
    const [, host = '', rest = ''] = absolute;
    const isOwn = [target.baseUrl, sentTo, ...(target.alsoAt ?? [])].some(
      (url) => originOf(url)?.host === host.toLowerCase(),
    );
    return isOwn ? own.text + (rest.startsWith('/') ? rest : `/${rest}`) : undefined;
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) return undefined;
  const [withoutFragment = ''] = reference.split('#');
  if (withoutFragment.startsWith('/')) return own.text + withoutFragment;
  const path = base.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/, '');
  return own.text + dotless(path.slice(0, path.lastIndexOf('/') + 1) + withoutFragment);
}

/** Without `.` and `..` (RFC 3986, section 5.2.4). */
function dotless(path: string): string {
  const [steps = '', ...query] = path.split('?');
  const kept: string[] = [];
  for (const step of steps.split('/').slice(1)) {
    if (step === '..') kept.pop();
    else if (step !== '.') kept.push(step);
  }
  return `/${kept.join('/')}${query.length > 0 ? `?${query.join('?')}` : ''}`;
}

function originOf(url: string): { readonly text: string; readonly host: string } | undefined {
  const [text, host = ''] = /^https?:\/\/([^/?#]*)/i.exec(url) ?? [];
  return text === undefined ? undefined : { text, host: host.toLowerCase() };
}
