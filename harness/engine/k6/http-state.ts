/** What the requests of a VU share: its connections, cookies, gate. */
import { Connections, type Lane } from './connections.ts';
import type { Exchange } from './exchange.ts';
import type { ExpectedStatuses } from './http.ts';
import { Gate } from './together.ts';
import { splitUrl, type SplitUrl } from './url.ts';
import type { Vu } from './vu.ts';

export class HttpState {
  private readonly vu: Vu;
  private readonly open = new Set<Exchange>();
  private lastUrl = '';
  private lastSplit: SplitUrl | undefined = undefined;
  private own: Connections | undefined = undefined;
  readonly gate: Gate;
  /** Cookies of this iteration by host; undefined while there are none. */
  cookies: Map<string, Map<string, string>> | undefined = undefined;
  /** Which statuses count as expected; null: none is judged. */
  expected: ExpectedStatuses | null | undefined = undefined;

  constructor(vu: Vu) {
    this.vu = vu;
    this.gate = new Gate(vu.run.spreads);
  }

  /** Connections to an origin: the run's, or the VU's own where the script closes them after each iteration. */
  lane(origin: string): Lane {
    const { options, connections } = this.vu.run;
    if (!options.noVUConnectionReuse) return connections.lane(origin, options);
    this.own ??= new Connections();
    return this.own.lane(origin, options);
  }

  /** The URL's parts; a VU often asks for the same one again. */
  split(url: string): SplitUrl | undefined {
    if (url !== this.lastUrl) {
      this.lastSplit = splitUrl(url);
      this.lastUrl = url;
    }
    return this.lastSplit;
  }

  began(exchange: Exchange): void {
    this.open.add(exchange);
    this.vu.run.counts.inFlight++;
    this.vu.enter();
  }

  ended(exchange: Exchange): void {
    if (!this.open.delete(exchange)) return;
    this.vu.run.counts.inFlight--;
    this.vu.leave();
  }

  /** Cuts every request in flight; their promises never settle. */
  cancelAll(): void {
    for (const exchange of this.open) {
      this.vu.run.counts.inFlight--;
      exchange.cut();
    }
    this.open.clear();
  }

  /** Cuts every request in flight; their promises settle with status 0. False when there were none. */
  failAll(): boolean {
    const open = [...this.open];
    for (const exchange of open) exchange.cancel();
    return open.length > 0;
  }

  /** Closes the VU's own connections, where it has any. */
  close(): void {
    this.own?.close();
  }

  async closed(): Promise<void> {
    await this.own?.closed();
  }
}
