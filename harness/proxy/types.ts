/** What goes into and comes out of the proxy: the members of Toxiproxy's API and our extensions of it. */

export type ProxyMode = 'tcp' | 'http';
/** Upstream is client to server, downstream is server to client. */
export type StreamName = 'upstream' | 'downstream';

/** A proxy as it is asked for. Members from `mode` on are ours, the others are Toxiproxy's. */
export interface ProxySpec {
  readonly name: string;
  /** `host:port`; port 0 takes a free one. Absent: a free port on 127.0.0.1. */
  readonly listen?: string;
  /** `host:port`. In `http` mode it may be absent when `upstreams` is given. */
  readonly upstream?: string;
  /** Default true. */
  readonly enabled?: boolean;
  /** Default `tcp`: bytes. `http`: the hop that knows requests. */
  readonly mode?: ProxyMode;
  /** `http` only: the replicas, `host:port` each; `upstream` is the first of them. */
  readonly upstreams?: readonly string[];
  /** `http` only: header that carries the key. Default `Idempotency-Key`. */
  readonly keyHeader?: string;
  /** `http` only: the key stands in no header, but there in the body (JSON, or a form): a JSON pointer. */
  readonly keyPointer?: string;
  /** `http` only: JSON pointer to the redemption's id in an answer. Default `/redemption_id`. */
  readonly redemptionPointer?: string;
  /** `http` only: what happens upstream when the client goes away before its answer. Default `finish`: the answer is still read and recorded. */
  readonly clientGone?: 'finish' | 'abort';
  /** `http` only: 504 in the proxy's own name after so many ms without an end of the answer. Default 60000; 0 = never. */
  readonly answerTimeoutMs?: number;
  /** `http` only: replaces the client's Host header, e.g. for a virtual host behind TLS. Default: passed on. */
  readonly hostHeader?: string;
  /** `http` only: speak TLS to the upstreams; the certificate is checked. Default false. */
  readonly tls?: boolean;
  /** `http` only, not by the API: in the place of `hostHeader`, one for each of the upstreams. */
  readonly hosts?: readonly string[];
  /** `http` only, not by the API: how the upstreams are reached. */
  readonly way?: Way;
}

/** How an endpoint is reached, beyond its address. */
export interface Way {
  /** Who is trusted in the place of the system's own, and with what certificate one shows oneself. PEM. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
    /** Whom its certificate must name, when not the host. */
    readonly serverName?: string;
  };
  /** The upstreams' addresses lead to an HTTP proxy: this is asked of it for `hosts`. */
  readonly proxy?: { readonly authorization?: string };
}

/** A request before it is signed. */
export interface UnsignedRequest {
  readonly method: string;
  /** Where it goes, as the endpoint is called. */
  readonly url: string;
  /** Path with query, as sent. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** '' for a read. */
  readonly body: string;
}

/** What an update may change: absent members stay as they are. */
export type ProxyUpdate = Partial<Pick<ProxySpec, 'listen' | 'upstream' | 'enabled' | 'upstreams'>>;

export interface ProxyState {
  readonly name: string;
  /** The address really listened on, with the real port. */
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly mode?: ProxyMode;
  readonly upstreams?: readonly string[];
  readonly toxics: readonly ToxicState[];
}

export interface ToxicSpec {
  /** Default `<type>_<stream>`. Unique over both streams of a proxy. */
  readonly name?: string;
  readonly type: string;
  /** Default `downstream`; any letter case. */
  readonly stream?: string;
  /** Share of connections (tcp) or requests (http) that are hit, 0 to 1. Default 1. */
  readonly toxicity?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Attributes are merged into those that are there; name, type and stream cannot change. */
export type ToxicUpdate = Partial<Pick<ToxicSpec, 'toxicity' | 'attributes'>>;

export interface ToxicState {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly type: string;
  readonly stream: string;
  readonly toxicity: number;
}

/** One request, or one copy of it, as the hop saw it: an `arrival` event of the history. Times in ms since the epoch. */
export interface ArrivalRecord {
  readonly type: 'arrival';
  /** When the request's last byte was here; when a toxic held it back, and for a copy, when it left. */
  readonly at: number;
  readonly hop: string;
  /** `<intent>.<n>` as the client sent it. */
  readonly attempt?: string;
  readonly key?: string;
  /** 0 for the original, 1 and up for the copies made here. */
  readonly copy: number;
  /** The replica asked; absent when the request never left the hop. */
  readonly upstream?: string;
  /** When the replica's answer ended or was given up. */
  readonly endedAt?: number;
  /** The replica's own status; absent when it gave no complete answer. */
  readonly answer?: number;
  /** It says that the work goes on, and elsewhere how it ends. */
  readonly isPending?: boolean;
  /** The answer carried the marker of a replay. */
  readonly replayed?: boolean;
  readonly redemption?: string;
  /** Names of the toxics that hit, in their order. */
  readonly fault?: readonly string[];
  /** Those of `fault` that could not do their work, and why. */
  readonly undone?: Readonly<Record<string, string>>;
  /** Why there is no answer. */
  readonly error?: string;
}

/** A toxic that began or ended, or a proxy that went down or came up. */
export interface FaultRecord {
  readonly at: number;
  readonly phase: 'start' | 'end';
  /** `<type>:<toxic>` or `down`. */
  readonly name: string;
  /** The proxy. */
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What the HTTP toxics choose by. */
export interface RequestInfo {
  readonly proxy: string;
  /** 1 for the proxy's first request. */
  readonly number: number;
  readonly method: string;
  /** Path with query, as sent. */
  readonly path: string;
  readonly intent?: string;
  /** 1 for the first attempt of an intent. */
  readonly attempt?: number;
  readonly key?: string;
  /** Lower-case names of the headers that the request carries. */
  readonly headerNames: readonly string[];
  /** The same headers with their values. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}

export interface ChaosProxyOptions {
  /** Same seed, same decisions, whatever the timing. */
  readonly seed: string | number;
  readonly onArrival?: (arrival: ArrivalRecord) => void;
  /** Whether an answer says that the work goes on. Default: none does. */
  readonly isPending?: (answer: { readonly status: number; readonly body: string }) => boolean;
  readonly onFault?: (fault: FaultRecord) => void;
  /** `http` only: headers that are put on each request that comes, once: copies carry the same. A rejection is a 502 of the hop's own. */
  readonly sign?: (request: UnsignedRequest) => Promise<Readonly<Record<string, string>>>;
  /**
   * Called by the `http_arm` toxic, and awaited before the request goes on; `ended` tells that the toxic is over. A
   * rejection lets the request go on unarmed and is shown in the arrival's `undone`.
   */
  readonly arm?: (
    request: RequestInfo,
    attributes: Readonly<Record<string, unknown>>,
    upstreamIndex: number,
    ended: AbortSignal,
  ) => Promise<void>;
  /** ms since the epoch, fractions allowed. */
  readonly now?: () => number;
  /** The timers of what HTTP toxics hold back: calls back after `ms`, gives back how to call it off. Default: real ones. */
  readonly after?: (ms: number, call: () => void) => () => void;
  /** Take the `Onceproof-Attempt` header off before forwarding. Default true. */
  readonly strip?: boolean;
}
