/** What the requests of a VU share: its connections, cookies, gate. */
import { Connections, type Lane } from './connections.ts';
import { CookieJar } from './cookie-jar.ts';
import type { ExpectedStatuses } from './expected-statuses.ts';
import { Exchange } from './exchange.ts';
import type { RequestPlan } from './request-plan.ts';
import type { Answer } from './answer.ts';
import type { RunState } from './run-state.ts';
import { Gate } from './together.ts';
import { splitUrl, type SplitUrl } from './url.ts';
import type { Network, OpenRequest, VuContext, VuHttp } from './vu-context.ts';

/** A VU, as far as its connections ask. */
export type NetworkUser = Pick<VuContext, 'run' | 'isUnwinding' | 'tag' | 'enter' | 'leave'>;

export class HttpState implements VuHttp, Network {
  private readonly vu: NetworkUser;
  private readonly open = new Set<OpenRequest>();
  private lastUrl = '';
  private lastSplit: SplitUrl | undefined = undefined;
  private readonly connections: Connections;
  readonly gate: Gate;
  jar = new CookieJar();
  /** Which statuses count as expected; null: none is judged. */
  expected: ExpectedStatuses | null | undefined = undefined;

  readonly run: RunState;

  constructor(vu: NetworkUser) {
    this.vu = vu;
    this.run = vu.run;
    this.gate = new Gate(vu.run.spreads);
    this.connections = new Connections(vu.run.guard);
  }

  get isUnwinding(): boolean {
    return this.vu.isUnwinding;
  }

  tag(name: string): string | undefined {
    return this.vu.tag(name);
  }

  send(plan: RequestPlan, settle: (answer: Answer) => void): void {
    new Exchange(this, plan, settle).start();
  }

  /** The VU's own connections to an origin. */
  lane(origin: string): Lane {
    return this.connections.lane(origin, this.vu.run.options);
  }

  beginIteration(): void {
    if (!this.jar.isEmpty && !this.vu.run.options.noCookiesReset) this.jar = new CookieJar();
  }

  /** The URL's parts; a VU often asks for the same one again. Throws UrlError. */
  split(url: string): SplitUrl {
    if (this.lastSplit === undefined || url !== this.lastUrl) {
      this.lastSplit = splitUrl(url);
      this.lastUrl = url;
    }
    return this.lastSplit;
  }

  began(request: OpenRequest): void {
    this.open.add(request);
    this.vu.run.counts.inFlight++;
    this.vu.enter();
  }

  ended(request: OpenRequest): void {
    if (!this.open.delete(request)) return;
    this.vu.run.counts.inFlight--;
    this.vu.leave();
  }

  cancelAll(): void {
    for (const request of this.open) {
      this.vu.run.counts.inFlight--;
      request.cut();
    }
    this.open.clear();
  }

  failAll(): boolean {
    const open = [...this.open];
    for (const request of open) request.cancel();
    return open.length > 0;
  }

  traffic(): { readonly sent: number; readonly received: number } {
    return this.connections.traffic.since();
  }

  closeIdle(): void {
    this.connections.closeIdle();
  }

  close(): void {
    this.connections.close();
  }

  async closed(): Promise<void> {
    await this.connections.closed();
  }
}
