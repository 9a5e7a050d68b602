import type { ExpectedStatuses } from './expected-statuses.ts';
import type { VuContext } from './vu-context.ts';

export type ResponseType = 'text' | 'binary' | 'none';

/** A request as the script asked for it, resolved. */
export interface RequestPlan {
  readonly vu: VuContext;
  readonly method: string;
  readonly url: string;
  readonly body: string | Buffer | null;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly tags: unknown;
  readonly timeoutMs: number;
  readonly redirects: number;
  readonly responseType: ResponseType;
  readonly expected: ExpectedStatuses | null;
  /** Size of the group that this request leaves with; 0 when alone. */
  readonly together: number;
}
