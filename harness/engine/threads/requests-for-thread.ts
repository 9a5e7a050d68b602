/** Requests that the engine's thread sends for the thread of a VU: on the VU's own connections, answered as plain data. */
import { Exchange } from '../k6/exchange.ts';
import type { HttpState } from '../k6/http-state.ts';
import { splitUrl } from '../k6/url.ts';
import { atOnce } from './at-once.ts';
import type { Answered, FromThread, KeptCookies } from './messages.ts';
import { plainAnswer, plansOf } from './plain.ts';
import type { ScriptThread } from './script-thread.ts';

/** The VU, as far as its requests change it. */
interface Sender {
  isUnwinding: boolean;
}

export class RequestsForThread {
  private readonly network: HttpState;
  private readonly vu: Sender;
  private readonly thread: Pick<ScriptThread, 'tell' | 'answer'>;
  /** Those that the script does not stand still for, by id. */
  private readonly open = new Map<number, Exchange>();

  constructor(network: HttpState, vu: Sender, thread: Pick<ScriptThread, 'tell' | 'answer'>) {
    this.network = network;
    this.vu = vu;
    this.thread = thread;
  }

  /** Sends what the message asks for, of a batch so many at once as the options say; answers when all are through. */
  send(message: FromThread & { readonly kind: 'requests' }): void {
    const { id, isBatch, isUnwinding } = message;
    const kept: KeptCookies[] = [];
    const plans = plansOf(message, kept);
    const answers: Answered['answers'][number][] = [];
    let left = plans.length;
    const start = (index: number, done: () => void): void => {
      const plan = plans[index];
      if (plan === undefined) return;
      const exchange = new Exchange(this.network, plan, (answer) => {
        answers[index] = plainAnswer(answer);
        left--;
        if (left === 0) this.answered(id, { answers, kept });
        done();
      });
      if (id !== 0) this.open.set(id, exchange);
      this.vu.isUnwinding = isUnwinding;
      exchange.start();
      this.vu.isUnwinding = false;
    };
    const { batch, batchPerHost } = this.network.run.options;
    const hosts = isBatch ? plans.map(({ url }) => splitUrl(url).host) : [''];
    atOnce(hosts, isBatch ? { inAll: batch, perHost: batchPerHost } : { inAll: 1, perHost: 0 }, start);
  }

  /** Ends them without an answer. */
  cut(ids: readonly number[]): void {
    for (const id of ids) this.take(id)?.cut();
  }

  /** Ends them with status 0. */
  cancel(ids: readonly number[]): void {
    for (const id of ids) this.take(id)?.cancel();
  }

  private take(id: number): Exchange | undefined {
    const exchange = this.open.get(id);
    this.open.delete(id);
    return exchange;
  }

  private answered(id: number, answered: Answered): void {
    if (id === 0) this.thread.answer({ answered });
    else if (this.open.delete(id)) this.thread.tell({ kind: 'answered', id, answered });
  }
}
