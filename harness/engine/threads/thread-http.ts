/** What the requests of a VU share in a thread of its own: cookies; the connections are the engine's. */
import { CookieJar } from '../k6/cookie-jar.ts';
import { CANCELED } from '../k6/http-errors.ts';
import { unsent } from '../k6/http-outcome.ts';
import type { ExpectedStatuses } from '../k6/expected-statuses.ts';
import type { RequestPlan } from '../k6/request-plan.ts';
import type { Answer } from '../k6/answer.ts';
import type { VuContext, VuHttp } from '../k6/vu-context.ts';
import type { Link } from './link.ts';
import type { Answered } from './messages.ts';
import { answersOf, plainRequests } from './plain.ts';

interface Open {
  readonly plan: RequestPlan;
  readonly jars: readonly CookieJar[];
  readonly settle: (answer: Answer) => void;
}

export class ThreadHttp implements VuHttp {
  private readonly vu: VuContext;
  private readonly link: Link;
  private readonly open = new Map<number, Open>();
  private lastId = 0;
  jar = new CookieJar();
  expected: ExpectedStatuses | null | undefined = undefined;

  constructor(vu: VuContext, link: Link) {
    this.vu = vu;
    this.link = link;
  }

  /** One that does not block, among code that may. */
  send(plan: RequestPlan, settle: (answer: Answer) => void): void {
    const { requests, jars } = plainRequests([plan], false);
    const id = ++this.lastId;
    this.open.set(id, { plan, jars, settle });
    this.vu.enter();
    this.link.say({ kind: 'requests', id, isUnwinding: this.vu.isUnwinding, ...requests });
  }

  /** The answer has come. */
  answered(id: number, answered: Answered): void {
    const open = this.open.get(id);
    // It was given up.
    if (open === undefined) return;
    const [answer] = answersOf(answered, [open.plan], open.jars);
    if (answer !== undefined) this.end(id, open, answer);
  }

  beginIteration(): void {
    if (!this.jar.isEmpty && !this.vu.run.options.noCookiesReset) this.jar = new CookieJar();
  }

  cancelAll(): void {
    if (this.open.size > 0) this.link.say({ kind: 'cut', ids: [...this.open.keys()] });
    this.open.clear();
  }

  failAll(): boolean {
    if (this.open.size === 0) return false;
    const all = [...this.open];
    this.link.say({ kind: 'cancel', ids: all.map(([id]) => id) });
    const { text, code } = CANCELED;
    for (const [id, open] of all) {
      const { url, method } = open.plan;
      this.end(id, open, { ...unsent(text, code), plan: open.plan, url, method });
    }
    return true;
  }

  /** Counted by the engine's thread. */
  traffic(): { readonly sent: number; readonly received: number } {
    return { sent: 0, received: 0 };
  }

  closeIdle(): void {
    this.link.say({ kind: 'close-idle' });
  }

  close(): void {
    // With the thread.
  }

  async closed(): Promise<void> {
    // With the thread.
  }

  private end(id: number, { settle }: Open, answer: Answer): void {
    this.open.delete(id);
    this.vu.leave();
    settle(answer);
  }
}
