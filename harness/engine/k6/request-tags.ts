/** The tags of a request's samples: k6's system tags over those of the call, and these over the VU's at the call. */
import type { HttpFailure } from './http-errors.ts';
import type { Peer } from './peer.ts';
import type { RequestPlan } from './request-plan.ts';
import { cleanUrl } from './url.ts';
import type { Network } from './vu-context.ts';

/** What a request's tags are read from. */
export interface Answered {
  readonly network: Pick<Network, 'run' | 'tag'>;
  readonly plan: RequestPlan;
  readonly url: string;
  readonly method: string;
  readonly status: number;
  readonly peer: Peer;
  readonly isExpected: boolean;
  readonly failure: HttpFailure | undefined;
}

/** One tag by its name; undefined: the sample has none. */
export function requestTag(answered: Answered, name: string): string | undefined {
  const isEnabled = answered.network.run.options.systemTags.has(name);
  if (name === 'name' || name === 'url') return nameTag(answered, name, isEnabled);
  return (isEnabled ? systemTag(answered, name) : undefined) ?? givenTag(answered, name);
}

/** A name of the script's own goes for both: else the URL would be there in as many forms as it has ids. */
function nameTag(answered: Answered, name: string, isEnabled: boolean): string | undefined {
  const { plan } = answered;
  const { systemTags } = answered.network.run.options;
  const given = givenTag(answered, 'name') ?? (systemTags.has('name') ? plan.template : undefined);
  if (name === 'name') return given ?? (isEnabled ? cleanUrl(answered.url) : undefined);
  return isEnabled ? (given ?? cleanUrl(answered.url)) : givenTag(answered, 'url');
}

function systemTag(
  { status, method, plan, isExpected, failure, peer }: Answered,
  name: string,
): string | undefined {
  switch (name) {
    case 'status':
      return String(status);
    case 'method':
      return method;
    case 'proto':
      return status === 0 ? undefined : 'HTTP/1.1';
    case 'ip':
      return peer.ip === '' ? undefined : peer.ip;
    case 'tls_version':
      return peer.tlsVersion === '' ? undefined : peer.tlsVersion;
    case 'expected_response':
      return plan.expected === null ? undefined : String(isExpected);
    case 'error':
      return failure?.text;
    case 'error_code':
      if (failure !== undefined) return String(failure.code);
      return status >= 400 ? String(1_000 + status) : undefined;
  }
  return undefined;
}

function givenTag({ plan, network }: Answered, name: string): string | undefined {
  const { tags, vuTags, group } = plan;
  for (let index = 0; index < tags.length; index += 2) if (tags[index] === name) return tags[index + 1];
  if (vuTags?.has(name) === true) return vuTags.get(name);
  return name === 'group' && network.run.options.systemTags.has(name) ? group : network.tag(name);
}
