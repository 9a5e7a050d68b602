import type { CookieJar } from './cookie-jar.ts';
import type { ExpectedStatuses } from './expected-statuses.ts';
import type { ParamCookie } from './request-cookies.ts';

export type ResponseType = 'text' | 'binary' | 'none';

/** A request as the script asked for it, resolved. */
export interface RequestPlan {
  readonly method: string;
  /** As it goes out. */
  readonly url: string;
  /** As the script gave it: what a request that fails shows. */
  readonly givenUrl: string;
  /** What the tags `name` and `url` say where the script says nothing: `http.url`'s template, or undefined. */
  readonly template: string | undefined;
  readonly body: string | Buffer | null;
  /** The body before its compression; undefined: it is `body`. */
  readonly plainBody?: string | Buffer;
  /** Names (in Go's writing) and values in turn. */
  readonly headers: readonly string[];
  /** Cookies of the call, sent beside those of the jar. */
  readonly cookies: readonly ParamCookie[];
  readonly jar: CookieJar;
  /** Tags of the call as they were then, names and values in turn. */
  readonly tags: readonly string[];
  /** Tags of the VU as they were at the call. */
  readonly vuTags: ReadonlyMap<string, string | undefined> | undefined;
  readonly group: string;
  readonly isDigest: boolean;
  readonly timeoutMs: number;
  readonly redirects: number;
  /** Whether script or call say how many redirects are followed: without it more of them is worth a warning. */
  readonly isLimitGiven: boolean;
  readonly responseType: ResponseType;
  readonly expected: ExpectedStatuses | null;
  /** Size of the group that this request leaves with; 0 when alone. */
  readonly together: number;
}
