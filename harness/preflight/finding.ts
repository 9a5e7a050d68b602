/** What a preflight found out, one line each. */

/**
 * `wrong`: the config cannot describe this endpoint, whatever the endpoint does. `unreached`: no answer came in time.
 * `warning`: strange, but it may be the endpoint's doing: the run goes on and will tell. `open`: a warning behind which
 * something of the config could not be looked at.
 */
export type Severity = 'wrong' | 'unreached' | 'warning' | 'open';

export interface Finding {
  readonly severity: Severity;
  /** The member of the config that it is about. */
  readonly member: string;
  readonly text: string;
}

export function findingLine({ member, text }: Finding): string {
  return `${member}: ${text}`;
}
