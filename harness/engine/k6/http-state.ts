/** What the requests of a VU share: its connections, cookies, gate. */
import { Connections, type Lane } from './connections.ts';
import { CookieJar } from './cookie-jar.ts';
import type { ExpectedStatuses } from './expected-statuses.ts';
import { Gate } from './together.ts';
import { splitUrl, type SplitUrl } from './url.ts';
import type { OpenRequest, VuContext, VuHttp } from './vu-context.ts';

export class HttpState implements VuHttp {
  private readonly vu: VuContext;
  private readonly open = new Set<OpenRequest>();
  private lastUrl = '';
  private lastSplit: SplitUrl | undefined = undefined;
  private readonly connections: Connections;
  readonly gate: Gate;
  jar = new CookieJar();
  /** Which statuses count as expected; null: none is judged. */
  expected: ExpectedStatuses | null | undefined = undefined;

  constructor(vu: VuContext) {
    this.vu = vu;
    this.gate = new Gate(vu.run.spreads);
    this.connections = new Connections(vu.run.guard);
  }

  /** The VU's own connections to an origin. */
  lane(origin: string): Lane {
    return this.connections.lane(origin, this.vu.run.options);
  }

  /** Before an iteration: cookies are its own, unless the script says otherwise. */
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

  /** Cuts every request in flight; their promises never settle. */
  cancelAll(): void {
    for (const request of this.open) {
      this.vu.run.counts.inFlight--;
      request.cut();
    }
    this.open.clear();
  }

  /** Cuts every request in flight; their promises settle with status 0. False when there were none. */
  failAll(): boolean {
    const open = [...this.open];
    for (const request of open) request.cancel();
    return open.length > 0;
  }

  /** Closes those that nobody uses. */
  closeIdle(): void {
    this.connections.closeIdle();
  }

  /** Closes the VU's connections, those in use as well. */
  close(): void {
    this.connections.close();
  }

  async closed(): Promise<void> {
    await this.connections.closed();
  }
}
