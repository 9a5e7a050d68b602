import { messageOf } from '../../base/errors.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Field } from './head.ts';
import type { Hop } from './hop.ts';
import { answerHead, ownAnswer } from './answers.ts';
import { balance } from './balancer.ts';
import { sendWhole, whileHeld, type Outcome, type WholeCall } from './outcome.ts';
import { ENDED, noteArrival, readOutcome, type FoundArrival } from './note-arrival.ts';
import { sendCopies } from './duplicates.ts';
import { planReplays } from './replays.ts';
import { editFields, joined, type HopRequest } from './request.ts';
import { draw, numberOf, textOf, type HttpToxic } from './toxics.ts';
import type { AnswerSink, AnswerStart, UpstreamCall } from './upstream.ts';

/** Toxics that send more requests: whether one has done its work is told by its copies. */
const COPIERS: ReadonlySet<string> = new Set(['http_duplicate', 'http_replay', 'http_balancer']);

/** One request of a client, its answer, and whatever the toxics make of both. */
export class Exchange {
  readonly #hop: Hop;
  readonly #client: ClientConnection;
  readonly #request: HopRequest;
  readonly #hits: readonly HttpToxic[];
  readonly #whenLeft: (() => void)[] = [];
  #fields: readonly Field[];
  readonly #epoch: number;
  #call: UpstreamCall | undefined;
  /** What waits for an answer that is for the client. */
  readonly #calls: Pick<UpstreamCall, 'abort'>[] = [];
  #copyCount = 0;
  /** Toxics that could not do their work, and why. */
  readonly #undone = new Map<string, string>();
  #openGate = (): void => {};
  #hasWaited = false;
  #isOver = false;

  constructor(hop: Hop, client: ClientConnection, request: HopRequest, hits: readonly HttpToxic[]) {
    this.#hop = hop;
    this.#client = client;
    this.#request = request;
    this.#hits = hits;
    this.#fields = request.head.fields;
    this.#epoch = hop.epoch;
  }

  start(): void {
    const { key } = this.#request.info;
    const gate = this.#hop.gates.of(key);
    if (gate !== undefined) {
      void this.#hop.copies.plan(key, [], 0, () => this.#startAfter(gate));
      return;
    }
    if (this.#hits.length === 0) {
      this.#passThrough();
      return;
    }
    if (key !== undefined && this.#willArm()) this.#openGate = this.#hop.gates.close(key);
    this.#underToxics().catch((error: unknown) => {
      // A belief of ours was wrong; the client must still learn that there is no answer.
      this.#openGate();
      this.#answerAs(500, messageOf(error));
    });
  }

  async #startAfter(gate: Promise<void>): Promise<void> {
    await gate;
    this.#hasWaited = true;
    if (!this.#wasDropped()) this.start();
  }

  #willArm(): boolean {
    return this.#hits.some(({ type, isOver }) => type === 'http_arm' && isOver !== true);
  }

  /** The client closed its side, or is gone. */
  clientLeft(): void {
    for (const tell of this.#whenLeft.splice(0)) tell();
    if (this.#hop.settings.abortsWithClient)
      for (const call of this.#calls) call.abort('the client went away');
  }

  /** Nothing hits: the answer streams through as it comes. */
  #passThrough(): void {
    const index = this.#hop.route(this.#request);
    const at = this.#departure();
    let answer: AnswerStart | undefined;
    const sink: AnswerSink = {
      start: (started, body, done) => {
        answer = started;
        const goesOn = this.#writeStart(started, body);
        if (done) this.#passedThrough(started, index, at);
        return goesOn;
      },
      more: (body, done) => {
        const goesOn = body.length === 0 || this.#writeBody(body);
        if (done && answer !== undefined) this.#passedThrough(answer, index, at);
        return goesOn;
      },
      failed: (reason, status, failure) => {
        this.#record(index, 0, at, { kind: 'failed', reason, status, failure });
        if (answer === undefined) this.#answerAs(status, reason);
        else this.#breakOff();
      },
    };
    this.#call = this.#hop.upstream(index).send(this.#bytes(index), this.#request.info.method, sink);
    this.#calls.push(this.#call);
  }

  #passedThrough(answer: AnswerStart, index: number, at: number): void {
    this.#record(index, 0, at, { kind: 'answer', answer, body: [] });
    this.#finish(answer);
  }

  async #underToxics(): Promise<void> {
    if (!this.#isHeld()) return this.#carryOut();
    // Whoever wants to know what is still to come must know of a request that is held back, too.
    return this.#hop.copies.plan(this.#request.info.key, [], 0, () => this.#carryOut());
  }

  async #carryOut(): Promise<void> {
    if (await this.#beforeForwarding()) return;
    const index = this.#hop.route(this.#request);
    await this.#arm(index);
    const original = this.#wasDropped() ? undefined : this.#forwardOriginal(index);
    this.#openGate();
    if (original === undefined) return;
    const source = { index, left: () => this.#left(), nextCopy: () => ++this.#copyCount };
    const copies = sendCopies(this.#hop, this.#request.info, this.#hits, {
      ...source,
      original,
      send: (target, copy) => this.#forward(target, copy, this.#hop.now()).outcome,
    });
    planReplays(this.#hop, this.#request, this.#hits, {
      ...source,
      undone: (toxic, why) => this.#undone.set(toxic, why),
    });
    const outcome = await original;
    await copies;
    if (outcome.kind === 'failed') this.#answerAs(outcome.status, outcome.reason);
    else await whileHeld(outcome.body, () => this.#deliver(outcome.answer, outcome.body));
  }

  /** The proxy went down while a toxic held the request back: it must not go out any more. */
  #wasDropped(): boolean {
    if (this.#epoch === this.#hop.epoch) return false;
    this.#recordLost('the proxy closed the connection');
    this.#breakOff();
    return true;
  }

  /** When the request came; when it was held back, when it left: only from then on it is in flight. */
  #departure(): number {
    return this.#hasWaited || this.#isHeld() ? this.#hop.now() : this.#request.at;
  }

  #isHeld(): boolean {
    return this.#hits.some(({ type }) => type === 'http_delay_request' || type === 'http_arm');
  }

  /** True when the request ends here. */
  async #beforeForwarding(): Promise<boolean> {
    for (const toxic of this.#hits) {
      const { type, attributes } = toxic;
      if (toxic.isOver === true) continue;
      if (type === 'http_header') {
        const { keyHeader, keyPointer } = this.#hop.settings;
        const header = textOf(attributes, 'header', keyHeader);
        if (keyPointer !== undefined && header.toLowerCase() === keyHeader.toLowerCase()) {
          this.#undone.set(toxic.name, 'the key stands in the body, which nothing on the way changes');
          continue;
        }
        this.#fields = editFields(this.#fields, textOf(attributes, 'op', 'drop'), header);
      } else if (type === 'http_delay_request') {
        await this.#delay(toxic);
      } else if (type === 'http_lose_request') {
        this.#recordLost();
        await this.#lose(toxic);
        return true;
      } else if (type === 'http_answer' && attributes['after'] !== true) {
        this.#recordLost();
        this.#answerByToxic(toxic);
        return true;
      }
    }
    return false;
  }

  /** Waits until each point is armed, its toxic has ended, or it is said that it cannot be. */
  async #arm(index: number): Promise<void> {
    for (const toxic of this.#hits) {
      const { type, name, attributes } = toxic;
      if (type !== 'http_arm') continue;
      if (toxic.isOver === true) {
        this.#undone.set(name, ENDED);
        continue;
      }
      const ended = new AbortController();
      const hold = this.#hop.holds.hold(name, Number.POSITIVE_INFINITY);
      void hold.ended.then(() => ended.abort());
      try {
        await this.#hop.arm(this.#request.info, attributes, index, ended.signal);
      } catch (error) {
        this.#undone.set(name, messageOf(error));
      } finally {
        hold.end();
      }
    }
  }

  /** Resolves with the outcome for the client; a balancer may send the request more than once for it. */
  #forwardOriginal(index: number): Promise<Outcome> {
    const departure = this.#departure();
    const send = (target: number, isResend: boolean): WholeCall => {
      const call = isResend
        ? this.#forward(target, ++this.#copyCount, this.#hop.now())
        : this.#forward(target, 0, departure);
      this.#calls.push(call);
      return call;
    };
    const balancer = this.#hits.find(({ type, isOver }) => type === 'http_balancer' && isOver !== true);
    if (balancer === undefined) return send(index, false).outcome;
    return balance(this.#hop, balancer, index, {
      request: this.#request.info,
      size: this.#bytes(index).length,
      send,
      hasClientLeft: () => this.#client.hasLeft,
    });
  }

  /** Sends a request or a copy at once; its outcome is recorded. */
  #forward(index: number, copy: number, at: number): WholeCall {
    return sendWhole(this.#hop.upstream(index), this.#bytes(index), this.#request.info.method, (outcome) =>
      this.#record(index, copy, at, outcome),
    );
  }

  /** The client is gone, or has its answer: either way it waits for nothing any more. */
  #left(): Promise<void> {
    if (this.#client.hasLeft || this.#isOver) return Promise.resolve();
    return new Promise((resolve) => this.#whenLeft.push(resolve));
  }

  async #deliver(answer: AnswerStart, body: readonly Buffer[]): Promise<void> {
    for (const toxic of this.#hits) {
      if (toxic.isOver === true) continue;
      if (toxic.type === 'http_delay_answer') await this.#delay(toxic);
      if (toxic.type === 'http_lose_answer') {
        await this.#loseAnswer(toxic, answer, body);
        return;
      }
      if (toxic.type === 'http_answer' && toxic.attributes['after'] === true) {
        this.#answerByToxic(toxic);
        return;
      }
    }
    this.#writeStart(answer, Buffer.concat(body));
    this.#finish(answer);
  }

  async #loseAnswer(toxic: HttpToxic, answer: AnswerStart, body: readonly Buffer[]): Promise<void> {
    if (toxic.attributes['how'] !== 'cut') {
      await this.#lose(toxic);
      return;
    }
    const whole = joined(answerHead(answer, this.#keepsAfter(answer)), body);
    this.#client.write(
      whole.subarray(0, Math.min(numberOf(toxic.attributes, 'after_bytes'), whole.length - 1)),
    );
    this.#over();
    this.#client.destroySoon();
  }

  /** The client gets nothing: a reset now, or silence until its patience, `hang_ms` or the toxic ends. */
  async #lose({ name, attributes }: HttpToxic): Promise<void> {
    if (attributes['how'] === 'hang') {
      const hold = this.#hop.holds.hold(name, numberOf(attributes, 'hang_ms', Number.POSITIVE_INFINITY));
      void this.#left().then(() => hold.end());
      await hold.ended;
    }
    this.#over();
    this.#client.reset();
  }

  #delay(toxic: HttpToxic): Promise<void> {
    const { attributes, name } = toxic;
    const jitter = numberOf(attributes, 'jitter_ms');
    const swing =
      jitter === 0
        ? 0
        : (draw(this.#hop.settings.seed, toxic, this.#request.info, 'jitter') * 2 - 1) * jitter;
    return this.#hop.holds.hold(name, Math.max(0, numberOf(attributes, 'delay_ms') + swing)).ended;
  }

  #answerByToxic({ name, attributes }: HttpToxic): void {
    const body = attributes['body'];
    this.#answerAs(
      numberOf(attributes, 'status', 503),
      `toxic ${name}`,
      typeof body === 'string' ? body : undefined,
    );
  }

  #answerAs(status: number, detail: string, body?: string): void {
    const { keepsAlive } = this.#request;
    if (this.#isOver) return;
    this.#client.write(
      ownAnswer({ status, detail, close: !keepsAlive, ...(body === undefined ? {} : { body }) }),
    );
    this.#over();
    this.#client.answered(keepsAlive);
  }

  #writeStart(answer: AnswerStart, body: Buffer): boolean {
    return (
      this.#client.write(joined(answerHead(answer, this.#keepsAfter(answer)), [body])) || this.#waitForDrain()
    );
  }

  #writeBody(body: Buffer): boolean {
    return this.#client.write(body) || this.#waitForDrain();
  }

  #waitForDrain(): boolean {
    this.#client.onDrain(() => this.#call?.resume());
    return false;
  }

  #keepsAfter({ scanner }: AnswerStart): boolean {
    return this.#request.keepsAlive && !scanner.lastsUntilClose;
  }

  #finish(answer: AnswerStart): void {
    if (this.#isOver) return;
    this.#over();
    this.#client.answered(this.#keepsAfter(answer));
  }

  /** The answer has begun and cannot be ended: the client must not take it for a whole one. */
  #breakOff(): void {
    this.#over();
    this.#client.reset();
  }

  #over(): void {
    this.#isOver = true;
    for (const tell of this.#whenLeft.splice(0)) tell();
  }

  #bytes(index: number): Buffer {
    return this.#hop.forwarded(this.#request, this.#fields, index);
  }

  /** The request never left the hop. */
  #recordLost(error?: string): void {
    this.#note({ at: this.#request.at, copy: 0, ...(error !== undefined && { error }) });
  }

  #record(index: number, copy: number, at: number, outcome: Outcome): void {
    if (!this.#hop.records(this.#request)) return;
    this.#note({ at, copy, upstream: this.#hop.upstreamName(index), ...readOutcome(this.#hop, outcome) });
  }

  #note(found: FoundArrival): void {
    noteArrival(this.#hop, this.#request, this.#hitsOn(found.copy), this.#undone, found);
  }

  /** A balancer hits what it sends again, not the request that it only watched; a copy proves that its maker was at work. */
  #hitsOn(copy: number): readonly HttpToxic[] {
    if (copy > 0) return this.#hits.map((hit) => (COPIERS.has(hit.type) ? { ...hit, isOver: false } : hit));
    return this.#hits.filter(({ type }) => type !== 'http_balancer');
  }
}
