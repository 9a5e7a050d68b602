/** What the rows about bytes share: one proxy of the subject, driven by toxiproxy-node-client, before a server of the row. */
import { Toxiproxy, type Proxy, type Toxic } from 'toxiproxy-node-client';
import { afterAll, afterEach, beforeAll, beforeEach, test } from 'vitest';
import { closeAll, keep, open, type TestClient } from './servers.ts';
import type { Subject, SubjectKind } from './subjects.ts';

/** Longer than a test may last: whoever waits for it has failed. */
export const FOREVER_MS = 600_000;
/** Timers of both programs may fire within the millisecond before. */
export const SLACK_MS = 2;
export const STREAMS = ['upstream', 'downstream'] as const;

export type Attributes = Readonly<Record<string, number>>;
type AnyToxic = Toxic<Attributes>;

export interface ToxicChoice {
  readonly stream?: string;
  readonly toxicity?: number;
  readonly name?: string;
}

/** Both ends of one connection through the proxy, as a direction sees them. */
export interface Ends {
  readonly sender: TestClient;
  readonly receiver: TestClient;
  /** What the receiver got behind the greeting. */
  readonly got: () => string;
}

export interface Rig {
  /** Registers a row; skipped where the subject is missing. */
  readonly check: typeof test;
  readonly client: () => Toxiproxy;
  readonly proxy: () => Proxy;
  readonly subject: () => Subject;
  /** The proxy's own, for an update that changes something else: the client wants them all. */
  readonly addresses: () => { readonly listen: string; readonly upstream: string };
  /** A new proxy to this address instead of the last one. */
  readonly proxyTo: (upstream: string) => Promise<void>;
  readonly add: (type: string, attributes: Attributes, choice?: ToxicChoice) => Promise<AnyToxic>;
  readonly change: (toxic: AnyToxic, attributes: Attributes) => Promise<unknown>;
  /** The connection to the server that is there for each row and only keeps what it gets. `greeted`: bytes have passed both ways already. */
  readonly connect: (stream: string, greeted?: boolean) => Promise<Ends>;
}

/** To be called in a `describe`: starts the subject before its rows, and cleans up after each. */
export function rigOf(kind: SubjectKind): Rig {
  let subject: Subject;
  let client: Toxiproxy;
  let proxy: Proxy | undefined;
  let accepted: Promise<TestClient> | undefined;
  let count = 0;
  const current = (): Proxy => {
    if (proxy === undefined) throw new Error('the row has made no proxy');
    return proxy;
  };
  const proxyTo = async (upstream: string): Promise<void> => {
    await proxy?.remove();
    proxy = await client.createProxy({ name: `p-${++count}`, listen: '127.0.0.1:0', upstream });
  };

  beforeAll(async () => {
    if (kind.isMissing) return;
    subject = await kind.start();
    client = new Toxiproxy(subject.url);
  });
  afterAll(async () => {
    if (!kind.isMissing) await subject.close();
  });
  beforeEach(async () => {
    if (kind.isMissing) return;
    const server = await keep();
    accepted = server.first;
    await proxyTo(server.address);
  });
  afterEach(async () => {
    await proxy?.remove();
    proxy = undefined;
    await closeAll();
  });

  return {
    check: test.skipIf(kind.isMissing) as typeof test,
    client: () => client,
    proxy: current,
    subject: () => subject,
    addresses: () => ({ listen: current().listen, upstream: current().upstream }),
    proxyTo,
    add: (type, attributes, { stream = 'downstream', toxicity = 1, name = type } = {}) =>
      current().addToxic<Attributes>({
        name,
        type: type as AnyToxic['type'],
        stream: stream as AnyToxic['stream'],
        toxicity,
        attributes,
      }),
    change: (toxic, attributes) => toxic.update({ attributes } as Parameters<AnyToxic['update']>[0]),
    connect: async (stream, greeted = false) => {
      const outer = await open(current().listen);
      const inner = await accepted;
      if (inner === undefined) throw new Error('nothing was accepted');
      if (greeted) {
        outer.send('>');
        await inner.untilText('>');
        inner.send('<');
        await outer.untilText('<');
      }
      const [sender, receiver] = stream === 'upstream' ? [outer, inner] : [inner, outer];
      return { sender, receiver, got: () => receiver.text.slice(greeted ? 1 : 0) };
    },
  };
}

export async function timed(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}
