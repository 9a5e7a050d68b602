import { below } from '../../model/decide.ts';
import { exactJson } from '../../model/json.ts';
import { KEY_HEADER, REPLAY_HEADER } from '../../model/protocol.ts';
import { parseAddress } from '../address.ts';
import type { ByteCounts } from '../link.ts';
import type { ArrivalRecord, ChaosProxyOptions, ProxySpec, RequestInfo, Way } from '../types.ts';
import { Copies } from './copies.ts';
import { Gates } from './gates.ts';
import { valueOf, type Field } from './head.ts';
import { Holds } from './holds.ts';
import { KeptRequests } from './kept-requests.ts';
import { forwardBytes, type HopRequest } from './request.ts';
import { Upstream, type AnswerStart } from './upstream.ts';

export interface HopSettings {
  readonly name: string;
  readonly seed: string | number;
  /** As it was given; requests are matched in any letter case. */
  readonly keyHeader: string;
  /** Where it is in the body, when it is in no header. */
  readonly keyPointer: string | undefined;
  readonly redemptionPointer: readonly string[];
  readonly abortsWithClient: boolean;
  readonly strip: boolean;
  readonly hostHeader: string | undefined;
  readonly hosts: readonly string[];
  readonly tls: boolean;
  readonly way: Way;
  readonly answerTimeoutMs: number;
}

export type HopCounts = Readonly<Record<'upstream' | 'downstream', ByteCounts>>;
export type HopOptions = ChaosProxyOptions & { readonly now: () => number };

/** What all exchanges of one hop share: its replicas, its routing, its records. */
export class Hop {
  readonly settings: HopSettings;
  readonly holds: Holds;
  readonly copies: Copies;
  readonly gates = new Gates();
  readonly kept = new KeptRequests();
  readonly now: () => number;
  readonly #options: HopOptions;
  readonly #counts: HopCounts;
  #upstreams: readonly { readonly name: string; readonly upstream: Upstream }[] = [];
  #turn = 0;
  #epoch = 0;

  constructor(spec: ProxySpec, options: HopOptions, counts: HopCounts) {
    this.settings = settingsOf(spec, options);
    this.holds = new Holds(options.after);
    this.copies = new Copies(options.after);
    this.now = options.now;
    this.#options = options;
    this.#counts = counts;
  }

  /** Changes whenever everything is dropped: what began before has no business going on. */
  get epoch(): number {
    return this.#epoch;
  }

  get upstreamCount(): number {
    return this.#upstreams.length;
  }

  setUpstreams(names: readonly string[]): void {
    void this.drop();
    const { tls, way, answerTimeoutMs } = this.settings;
    this.#upstreams = names.map((name, index) => {
      const host = this.hostHeader(index);
      return {
        name,
        upstream: new Upstream({
          address: parseAddress(name),
          tls,
          serverName: way.tls?.serverName ?? (host === undefined ? undefined : hostOf(host)),
          ...(way.tls && { secrets: way.tls }),
          ...(way.proxy && tls && { tunnel: { to: withPort(host ?? name), ...way.proxy } }),
          answerTimeoutMs,
          counts: this.#counts,
        }),
      };
    });
  }

  /** What a replica is called, where that is not left to the client. */
  hostHeader(index: number): string | undefined {
    const { hosts, hostHeader } = this.settings;
    return hosts[index] ?? hostHeader;
  }

  /** A request's bytes for a replica. */
  forwarded(request: HopRequest, fields: readonly Field[], index: number): Buffer {
    const { strip, tls, way } = this.settings;
    const hostHeader = this.hostHeader(index);
    const isProxied = way.proxy !== undefined && !tls;
    return forwardBytes(request, fields, { strip, hostHeader, ...(isProxied && { proxy: way.proxy }) });
  }

  get sign(): ChaosProxyOptions['sign'] {
    return this.#options.sign;
  }

  /** Which replica a request goes to: by its attempt, whether the replica is up or not; without an attempt one after the other. */
  route({ info: { intent, attempt } }: HopRequest): number {
    const count = this.#upstreams.length;
    if (count === 1) return 0;
    if (intent === undefined || attempt === undefined) return this.#turn++ % count;
    return below(count, this.settings.seed, 'route', intent, attempt);
  }

  upstream(index: number): Upstream {
    const found = this.#upstreams[index];
    if (found === undefined) throw new RangeError(`no upstream ${index}`);
    return found.upstream;
  }

  upstreamName(index: number): string {
    return this.#upstreams[index]?.name ?? String(index);
  }

  async arm(
    info: RequestInfo,
    attributes: Readonly<Record<string, unknown>>,
    index: number,
    ended: AbortSignal,
  ): Promise<void> {
    await this.#options.arm?.(info, attributes, index, ended);
  }

  /** Are arrivals of this request part of the history? */
  records({ info, attemptText, step }: Pick<HopRequest, 'info' | 'attemptText' | 'step'>): boolean {
    // An attempt arrives with its last call: those before it only prepare.
    if (step !== undefined && step.number < step.of) return false;
    return this.#options.onArrival !== undefined && (attemptText !== undefined || info.method === 'POST');
  }

  onArrival(arrival: ArrivalRecord): void {
    this.#options.onArrival?.(arrival);
  }

  /** What a replica's answer proves. */
  readAnswer({
    head,
    status,
    scanner,
  }: AnswerStart): Pick<ArrivalRecord, 'answer' | 'isPending' | 'replayed' | 'redemption'> {
    const redemption = this.#redemption(scanner.payload);
    const isPending =
      this.#options.isPending?.({ status, body: scanner.payload?.toString('utf8') ?? '' }) ?? false;
    return {
      answer: status,
      ...(isPending ? { isPending } : {}),
      ...(valueOf(head, REPLAY) === 'true' ? { replayed: true } : {}),
      ...(redemption === undefined ? {} : { redemption }),
    };
  }

  /** Closes every connection to the replicas and forgets what has not left yet. */
  async drop(): Promise<void> {
    this.#epoch += 1;
    this.copies.drop();
    this.holds.releaseAll();
    await Promise.all(this.#upstreams.map(({ upstream }) => upstream.destroy()));
  }

  #redemption(payload: Buffer | undefined): string | undefined {
    // '{' only: everything else holds no member to point to.
    if (payload === undefined || payload[0] !== 123) return undefined;
    let value = exactJson(payload.toString('utf8'));
    for (const name of this.settings.redemptionPointer) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Record<string, unknown>)[name];
    }
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  }
}

const REPLAY = REPLAY_HEADER.toLowerCase();

function settingsOf(spec: ProxySpec, options: HopOptions): HopSettings {
  return {
    name: spec.name,
    seed: options.seed,
    keyHeader: spec.keyHeader ?? KEY_HEADER,
    keyPointer: spec.keyPointer,
    redemptionPointer: pointerParts(spec.redemptionPointer ?? '/redemption_id'),
    abortsWithClient: spec.clientGone === 'abort',
    strip: options.strip ?? true,
    hostHeader: spec.hostHeader,
    hosts: spec.hosts ?? [],
    tls: spec.tls ?? false,
    way: spec.way ?? {},
    answerTimeoutMs: spec.answerTimeoutMs ?? 60_000,
  };
}

/** A Host header (RFC 9110, section 7.2) without its port and without brackets. */
function hostOf(hostHeader: string): string {
  return hostHeader.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** With the port of https where there is none: a tunnel leads to a port. */
function withPort(host: string): string {
  return /:\d+$/.test(host) ? host : `${host}:443`;
}

/** RFC 6901. */
function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
