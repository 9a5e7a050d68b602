/**
 * How load balancers and HTTP clients send a request again when its upstream fails. Each profile is what the named
 * program does with the named setting; what they share: nothing is sent again once an answer has begun, or when the
 * client is gone, and the client gets the last outcome. Their pauses between tries and their lists of dead servers are
 * left out.
 *
 * - `nginx-non-idempotent`: `proxy_next_upstream error timeout invalid_header http_502 http_503 http_504
 *   non_idempotent` (nginx.org, ngx_http_proxy_module): to the next server, each server once.
 * - `haproxy-retry-on`: `retry-on all-retryable-errors`, `retries 3`, `option redispatch` (HAProxy configuration
 *   manual, 4.2): conn-failure, empty-response, junk-response (partial heads too), response-timeout, 500, 502, 503 and
 *   504; to the same server, the last (or with `option redispatch 1` each) to another. 0rtt-rejected needs TLS on this
 *   side. HAProxy keeps a request for repeats only if the whole of it is in its buffer when it is first sent (stconn.c,
 *   sc_conn_send; `option http-buffer-request` waits for the body, and the hop always has it). What does not fit in the
 *   buffer is repeated after a failed connection only.
 * - `envoy-hedge`: `hedge_on_per_try_timeout` with `retry_on: 5xx`, `num_retries: 1` and `per_try_timeout` (Envoy API,
 *   config.route.v3.HedgePolicy; router.cc, onUpstreamHeaders): after the per-try timeout a second request leaves, and
 *   the first goes on; the first good answer wins. Errors before that timeout are repeated at once; later ones, and those
 *   of the last retry, are passed over while another request is in flight. Envoy resets the losers; here `clientGone`
 *   says so (`abort`), else they go on, as a server that does not notice the reset would.
 * - `go-transport`: net/http (transport.go, shouldRetryRequest; request.go, isReplayable): a reused connection that
 *   ends before the first byte of an answer; GET, HEAD, OPTIONS, TRACE, or a request with Idempotency-Key or
 *   X-Idempotency-Key; to the same host, until a connection is new.
 */
import type { RequestInfo } from '../types.ts';
import type { Hop } from './hop.ts';
import type { Outcome, WholeCall } from './outcome.ts';
import { BALANCER_PROFILES, numberOf, textOf, type HttpToxic } from './toxics.ts';
import type { Failure } from './upstream.ts';

/** As `--lb nginx` waits for a replica. */
const DEFAULT_TIMEOUT_MS = 500;
/** HAProxy's tune.bufsize less tune.maxrewrite. */
const HAPROXY_BUFFER_BYTES = 16_384 - 1024;

/** What a balancer needs of the exchange that it serves. */
export interface BalancerSource {
  readonly request: RequestInfo;
  /** Size of what is sent, bytes. */
  readonly size: number;
  /** Sends the request to a replica, as the original or as the next copy of it. */
  readonly send: (index: number, isResend: boolean) => WholeCall;
  readonly hasClientLeft: () => boolean;
}

/** Sends a request as the toxic's profile does; resolves with the outcome that the client gets. */
export function balance(hop: Hop, toxic: HttpToxic, index: number, source: BalancerSource): Promise<Outcome> {
  return new Balancing(hop, toxic, index, source).run();
}

class Balancing {
  readonly #hop: Hop;
  readonly #toxic: HttpToxic;
  readonly #index: number;
  readonly #source: BalancerSource;
  readonly #profile: string;
  readonly #epoch: number;
  readonly #timeoutMs: number;
  readonly #tracked = new WeakSet<WholeCall>();

  constructor(hop: Hop, toxic: HttpToxic, index: number, source: BalancerSource) {
    this.#hop = hop;
    this.#toxic = toxic;
    this.#index = index;
    this.#source = source;
    this.#epoch = hop.epoch;
    this.#profile = textOf(toxic.attributes, 'profile', BALANCER_PROFILES[0]);
    const timeoutMs =
      this.#profile === 'go-transport' ? 0 : numberOf(toxic.attributes, 'timeout_ms', DEFAULT_TIMEOUT_MS);
    this.#timeoutMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs;
  }

  run(): Promise<Outcome> {
    return this.#profile === 'envoy-hedge' ? this.#hedge() : this.#oneAfterAnother();
  }

  async #oneAfterAnother(): Promise<Outcome> {
    let call = this.#source.send(this.#index, false);
    for (let number = 1; ; number++) {
      const outcome = await this.#within(call);
      if (number > this.#most() || !this.#isBad(outcome) || !this.#mayRepeat()) return outcome;
      call = this.#resend(this.#target(number));
    }
  }

  /** The outcome, or that the time was over before the answer began. */
  async #within(call: WholeCall): Promise<Outcome> {
    await this.#begunOrLate(call);
    if (call.hasBegun() || this.#isOver()) return call.outcome;
    this.#giveUp(call);
    const reason = `no answer within ${this.#timeoutMs} ms`;
    return { kind: 'failed', reason, status: 504, failure: { how: 'timeout', isReused: false } };
  }

  #hedge(): Promise<Outcome> {
    return new Promise((resolve) => {
      const running = new Set<WholeCall>();
      const hedged = new Set<WholeCall>();
      let sent = 0;
      let isDecided = false;
      const canRepeat = (): boolean => !isDecided && sent <= this.#most() && this.#mayRepeat();
      const start = (): void => {
        const call = sent === 0 ? this.#source.send(this.#index, false) : this.#resend(this.#target(sent));
        sent += 1;
        running.add(call);
        void hedgeLate(call);
        void judge(call);
      };
      const hedgeLate = async (call: WholeCall): Promise<void> => {
        await this.#begunOrLate(call);
        if (call.hasBegun() || !canRepeat()) return;
        hedged.add(call);
        start();
      };
      const judge = async (call: WholeCall): Promise<void> => {
        const outcome = await call.outcome;
        running.delete(call);
        if (isDecided) return;
        const isGood = !this.#isBad(outcome);
        if (!isGood && !hedged.has(call) && canRepeat()) {
          start();
        } else if (isGood || running.size === 0) {
          isDecided = true;
          for (const other of running) this.#giveUp(other);
          resolve(outcome);
        }
      };
      start();
    });
  }

  /** Resolves when the call has begun to answer or failed, its time is over, or the toxic has ended. */
  async #begunOrLate(call: WholeCall): Promise<void> {
    const hold = this.#hop.holds.hold(this.#toxic.name, this.#timeoutMs);
    void call.began.then(() => hold.end());
    await hold.ended;
  }

  #resend(index: number): WholeCall {
    const call = this.#source.send(index, true);
    this.#track(call);
    return call;
  }

  /** Its answer is of no use any more; it is still read and recorded, unless the hop aborts with its clients. */
  #giveUp(call: WholeCall): void {
    if (this.#hop.settings.abortsWithClient) call.abort('the balancer gave it up');
    else this.#track(call);
  }

  /** The client knows nothing of it: whoever waits for what is still on its way must. */
  #track(call: WholeCall): void {
    if (this.#tracked.has(call)) return;
    this.#tracked.add(call);
    void this.#hop.copies.plan(this.#source.request.key, [], 0, () => call.outcome);
  }

  /** How often it is sent again at most. */
  #most(): number {
    if (this.#profile === 'nginx-non-idempotent') return this.#hop.upstreamCount - 1;
    if (this.#profile === 'go-transport') return Number.POSITIVE_INFINITY;
    return numberOf(this.#toxic.attributes, 'retries', this.#profile === 'envoy-hedge' ? 1 : 3);
  }

  /** Where it is sent for the n-th time again. */
  #target(number: number): number {
    const other = (this.#index + number) % this.#hop.upstreamCount;
    if (this.#profile === 'go-transport') return this.#index;
    if (this.#profile !== 'haproxy-retry-on') return other;
    const redispatch = textOf(this.#toxic.attributes, 'redispatch', 'last');
    if (redispatch === 'each') return other;
    const isLast = redispatch === 'last' && number === this.#most();
    return isLast ? (this.#index + 1) % this.#hop.upstreamCount : this.#index;
  }

  #isBad(outcome: Outcome): boolean {
    if (outcome.kind === 'failed') return this.#isRepeatedAfter(outcome.failure);
    if (this.#profile === 'go-transport' || this.#isTooLarge()) return false;
    const { statuses } = this.#toxic.attributes;
    if (Array.isArray(statuses)) return statuses.includes(outcome.answer.status);
    return STATUSES[this.#profile]?.(outcome.answer.status) ?? false;
  }

  #isRepeatedAfter({ how, isReused }: Failure): boolean {
    if (this.#profile === 'go-transport')
      return how === 'empty' && isReused && isReplayable(this.#source.request);
    if (how === 'cut' || how === 'dropped') return false;
    return how === 'connect' || !this.#isTooLarge();
  }

  #isTooLarge(): boolean {
    return this.#profile === 'haproxy-retry-on' && this.#source.size > HAPROXY_BUFFER_BYTES;
  }

  #mayRepeat(): boolean {
    return !this.#isOver() && !this.#source.hasClientLeft();
  }

  #isOver(): boolean {
    return this.#toxic.isOver === true || this.#epoch !== this.#hop.epoch;
  }
}

/** Statuses that count as failures. */
const STATUSES: Readonly<Record<string, (status: number) => boolean>> = {
  'nginx-non-idempotent': (status) => [502, 503, 504].includes(status),
  'haproxy-retry-on': (status) => [500, 502, 503, 504].includes(status),
  'envoy-hedge': (status) => status >= 500,
};

/** Go also wants a body that can be had again: here it always can. */
function isReplayable({ method, headerNames }: RequestInfo): boolean {
  if (['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)) return true;
  return headerNames.includes('idempotency-key') || headerNames.includes('x-idempotency-key');
}
