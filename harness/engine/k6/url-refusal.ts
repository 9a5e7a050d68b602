/** URLs that cannot be asked, or must not. */
import { badPort, BLANK_IN_QUERY, BLOCKED_HOST, NO_HOST, noScheme, type HttpFailure } from './http-errors.ts';
import type { SplitUrl } from './url.ts';

/** Why a URL cannot be asked at all; undefined: it can. `blocked`: the option `blockHostnames`. */
export function urlRefusal(
  { scheme, host, path }: SplitUrl,
  blocked: readonly string[],
): HttpFailure | undefined {
  if (scheme !== 'http' && scheme !== 'https') return noScheme(scheme);
  if (host === '') return NO_HOST;
  const port = /:(\d+)$/.exec(host)?.[1] ?? '';
  if (Number(port) > 65_535) return badPort(port);
  if (blocked.length > 0 && isBlocked(host.replace(/:\d*$/, '').toLowerCase(), blocked)) return BLOCKED_HOST;
  return path.includes(' ') ? BLANK_IN_QUERY : undefined;
}

/** `*.` at the start of a name stands for everything before. */
function isBlocked(host: string, names: readonly string[]): boolean {
  return names.some((name) => {
    const lower = name.toLowerCase();
    return lower.startsWith('*') ? host.endsWith(lower.slice(1)) : host === lower;
  });
}
