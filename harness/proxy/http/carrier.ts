import type { Socket } from 'node:net';
import { below } from '../../model/decide.ts';
import { messageOf } from '../../base/errors.ts';
import { checkToxicity, isTcpToxic } from '../attributes.ts';
import { upstreamsOf } from '../proxy.ts';
import { REFUSALS } from '../refusal.ts';
import type { Carrier, NamedToxic } from '../tcp-proxy.ts';
import type { ProxySpec, ToxicState, ToxicUpdate } from '../types.ts';
import { ownAnswer } from './answers.ts';
import { ClientConnection, type ReadRequest } from './client-connection.ts';
import { Exchange } from './exchange.ts';
import { Hop, type HopOptions } from './hop.ts';
import { keyInBody } from './key-in-body.ts';
import { describeRequest, type HopRequest } from './request.ts';
import { signed, type Sign } from './signing.ts';
import { decideHttpToxics, HTTP_TOXIC_TYPES, mergeHttpAttributes, type HttpToxic } from './toxics.ts';

interface CountedToxic extends HttpToxic {
  hits: number;
}

const NONE: readonly CountedToxic[] = [];

/** Carries HTTP requests one by one, and knows the HTTP toxics. */
export class HttpCarrier implements Carrier {
  readonly mode = 'http';
  readonly counts = { upstream: { received: 0, sent: 0 }, downstream: { received: 0, sent: 0 } };
  readonly #hop: Hop;
  readonly #keyHeader: string;
  readonly #toxics: CountedToxic[] = [];
  readonly #clients = new Set<ClientConnection>();
  #requestCount = 0;

  constructor(spec: ProxySpec, options: HopOptions) {
    this.#hop = new Hop(spec, options, this.counts);
    this.#keyHeader = this.#hop.settings.keyHeader.toLowerCase();
    this.setUpstreams(upstreamsOf(spec));
  }

  setUpstreams(upstreams: readonly string[]): void {
    this.#hop.setUpstreams(upstreams);
  }

  pending(): number {
    return this.#hop.copies.count;
  }

  pendingFor(key: string): number {
    return this.#hop.copies.countFor(key);
  }

  accept(socket: Socket): void {
    let exchange: Exchange | undefined;
    const client: ClientConnection = new ClientConnection(socket, {
      request: (read) => {
        const start = (whole: ReadRequest): void => {
          exchange = this.#begin(client, whole);
          exchange.start();
        };
        const { sign } = this.#hop;
        if (sign === undefined) start(read);
        else this.#startSigned(client, read, sign, start);
      },
      left: () => exchange?.clientLeft(),
      closed: () => this.#clients.delete(client),
      received: (bytes) => (this.counts.upstream.received += bytes),
      sent: (bytes) => (this.counts.downstream.sent += bytes),
    });
    this.#clients.add(client);
  }

  addToxic(named: NamedToxic, nameExists: boolean): ToxicState {
    const { name, type, stream, toxicity, attributes } = named;
    if (!HTTP_TOXIC_TYPES.includes(type)) {
      throw isTcpToxic(type) ? REFUSALS.otherMode(type, 'tcp', 'http') : REFUSALS.invalidType();
    }
    if (nameExists) throw REFUSALS.toxicExists();
    const toxic = {
      name,
      type,
      stream,
      toxicity,
      attributes: mergeHttpAttributes(type, {}, attributes),
      hits: 0,
    };
    this.#toxics.push(toxic);
    return stateOf(toxic);
  }

  updateToxic(name: string, { attributes, toxicity }: ToxicUpdate): ToxicState {
    const toxic = this.#find(name);
    const checked = checkToxicity(toxicity) ?? toxic.toxicity;
    toxic.attributes = mergeHttpAttributes(toxic.type, toxic.attributes, attributes);
    toxic.toxicity = checked;
    return stateOf(toxic);
  }

  /** What it holds back goes on: delays end, hanging clients are reset; copies that are planned still come. */
  removeToxic(name: string): void {
    const toxic = this.#find(name);
    this.#toxics.splice(this.#toxics.indexOf(toxic), 1);
    toxic.isOver = true;
    this.#hop.holds.release(name);
  }

  toxics(): ToxicState[] {
    return this.#toxics.map(stateOf);
  }

  async dropConnections(): Promise<void> {
    // The listener waits for the clients' sockets.
    for (const client of this.#clients) client.destroy();
    await this.#hop.drop();
  }

  #startSigned(
    client: ClientConnection,
    read: ReadRequest,
    sign: Sign,
    start: (read: ReadRequest) => void,
  ): void {
    const { tls } = this.#hop.settings;
    signed(read, sign, { host: this.#hop.hostHeader(0), tls }).then(start, (error: unknown) => {
      const detail = `the request could not be signed: ${messageOf(error)}`;
      client.write(ownAnswer({ status: 502, detail, close: true }));
      client.answered(false);
    });
  }

  #begin(client: ClientConnection, read: ReadRequest): Exchange {
    const { name: proxy, keyPointer } = this.#hop.settings;
    const names = { proxy, number: ++this.#requestCount, keyHeader: this.#keyHeader };
    const bodyKey = keyPointer === undefined ? undefined : { key: keyInBody(read, keyPointer) };
    const described = describeRequest(read.head, names, bodyKey);
    // The clock is read only for the history.
    const at = this.#hop.records(described) ? this.#hop.now() : 0;
    const { head, body, keepsAlive, isHttp10 } = read;
    const request: HopRequest = { head, body, keepsAlive, isHttp10, ...described, at };
    return new Exchange(this.#hop, client, request, this.#decide(request));
  }

  #decide({ info, step }: HopRequest): readonly CountedToxic[] {
    if (this.#toxics.length === 0) return NONE;
    // Of several calls of an attempt one can be hit: which one is a hash.
    const { intent = '', attempt = 0 } = info;
    if (step && below(step.of, this.#hop.settings.seed, 'step', intent, attempt) + 1 !== step.number)
      return NONE;
    const hits = decideHttpToxics(this.#hop.settings.seed, this.#toxics, info, ({ hits }) => hits);
    for (const toxic of hits) toxic.hits += 1;
    return hits;
  }

  #find(name: string): CountedToxic {
    const toxic = this.#toxics.find((each) => each.name === name);
    if (toxic === undefined) throw REFUSALS.toxicNotFound();
    return toxic;
  }
}

function stateOf({ attributes, name, type, stream, toxicity }: HttpToxic): ToxicState {
  return { attributes: { ...attributes }, name, type, stream, toxicity };
}
