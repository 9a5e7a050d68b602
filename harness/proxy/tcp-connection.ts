import { connect, type Socket } from 'node:net';
import { uniform } from '../model/decide.ts';
import type { Address } from './address.ts';
import { closed } from './listener.ts';
import { Link, type ByteCounts, type ConnectionDice, type TcpToxic } from './link.ts';

export interface TcpConnectionSettings {
  readonly seed: string | number;
  readonly proxy: string;
  /** 1 for the proxy's first connection. */
  readonly number: number;
  readonly upstream: Address;
  readonly toxics: readonly TcpToxic[];
  readonly counts: Readonly<Record<'upstream' | 'downstream', ByteCounts>>;
  /** Bytes of either direction came and have been dealt with. */
  readonly onBytes: () => void;
  readonly onClose: () => void;
}

/** A client's connection, its connection to the upstream, and a link for each direction. */
export class TcpConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #links: Readonly<Record<'upstream' | 'downstream', Link>>;

  constructor(client: Socket, settings: TcpConnectionSettings) {
    const { upstream, toxics, counts, onBytes, onClose } = settings;
    this.#client = client;
    // Upstreams are dialled side by side; what the client sends meanwhile waits in the socket.
    this.#server = connect({ ...upstream, allowHalfOpen: true, noDelay: true });
    const dice = diceOf(settings);
    const of = (direction: string): TcpToxic[] => toxics.filter((toxic) => toxic.direction === direction);
    this.#links = {
      upstream: new Link(client, this.#server, of('upstream'), {
        dice,
        counts: counts.upstream,
        onBytes,
      }),
      downstream: new Link(this.#server, client, of('downstream'), {
        dice,
        counts: counts.downstream,
        onBytes,
      }),
    };
    let openCount = 2;
    const noteClose = (): void => {
      if (--openCount === 0) onClose();
    };
    client.once('close', noteClose);
    this.#server.once('close', noteClose);
  }

  add(toxic: TcpToxic): void {
    this.#links[toxic.direction].add(toxic);
  }

  update(toxic: TcpToxic): void {
    this.#links[toxic.direction].update(toxic);
  }

  remove(toxic: TcpToxic): void {
    this.#links[toxic.direction].remove(toxic);
  }

  /** Closes at once; resolves when both sockets are gone. */
  async destroy(): Promise<void> {
    this.#links.upstream.destroy();
    this.#links.downstream.destroy();
    this.#client.destroy();
    this.#server.destroy();
    await Promise.all([closed(this.#client), closed(this.#server)]);
  }
}

/** Rolls by seed, proxy, connection and toxic: the same for a connection however often the toxic changes. */
function diceOf({ seed, proxy, number }: TcpConnectionSettings): ConnectionDice {
  return {
    hits: (toxic) => uniform(seed, proxy, number, toxic.name) < toxic.toxicity,
    drawsOf: (toxic) => {
      let count = 0;
      return () => uniform(seed, proxy, number, toxic.name, ++count);
    },
  };
}
