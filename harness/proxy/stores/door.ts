import { createServer, type Server, type Socket } from 'node:net';
import { harnessError, messageOf } from '../../base/errors.ts';
import { formatAddress, parseAddress, resolveListen, type Address } from '../address.ts';
import { BytesConversation } from './bytes.ts';
import { DoorConnection, type ConnectionDoor, type Registered } from './connection.ts';
import type { Conversation, Ear, Spoken } from './conversation.ts';
import { MysqlConversation } from './mysql.ts';
import { PostgresConversation } from './postgres.ts';
import { offersTls } from './postgres-tls.ts';
import { RedisConversation } from './redis.ts';
import type { MetStand } from './stand.ts';
import type {
  CountedMessage,
  Door,
  DoorEvent,
  DoorMessage,
  DoorOptions,
  DoorRefusal,
  DoorWindow,
  MessageRole,
  StoreKind,
} from './types.ts';
import { CountingWindow, type WindowDoor } from './window.ts';

/** Opens a door before a store; throws a HarnessError when it cannot listen. Whether the store is there shows when a client comes. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const door = new StoreDoor(options);
  try {
    await door.open(options.listen ?? '127.0.0.1:0');
  } catch (error) {
    throw harnessError('door', `cannot open a door before the ${options.kind} store: ${messageOf(error)}`, {
      field: options.listen ?? '127.0.0.1:0',
      cause: error,
    });
  }
  return door;
}

/** Names that are always idle traffic: health checks of clients and pools. */
const ALWAYS_IDLE: ReadonlySet<string> = new Set(['PING', 'ECHO', 'SELECT ?', '(empty)']);

/** The brackets of transactions are everybody's, so that a job's must not hide a request's. */
const NEVER_IDLE =
  /^(?:BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|MULTI|EXEC|DISCARD|WATCH)\b/i;

class StoreDoor implements Door, ConnectionDoor, WindowDoor {
  readonly kind: StoreKind;
  readonly upstream: Address;
  readonly counts: Record<MessageRole, number> = { work: 0, setup: 0, idle: 0 };
  readonly #pauseMs: number;
  readonly #connections = new Set<DoorConnection>();
  readonly #windows = new Set<CountingWindow>();
  readonly #listeners = new Set<(event: DoorEvent) => void>();
  readonly #idleNames = new Set<string>();
  #learners = 0;
  #armed = 0;
  #accepted = 0;
  #sequence = 0;
  #server: Server | undefined;
  #address: Address = { host: '127.0.0.1', port: 0 };
  #refusal: DoorRefusal | undefined;

  constructor({ kind, upstream, pauseMs = 20 }: DoorOptions) {
    this.kind = kind;
    this.upstream = parseAddress(upstream);
    this.#pauseMs = pauseMs;
  }

  async open(listen: string): Promise<void> {
    const { host, port } = await resolveListen(listen);
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    server.removeAllListeners('error');
    // An accept that fails (no descriptor left) concerns one client, not the door.
    server.on('error', () => {});
    const bound = server.address();
    this.#address = { host, port: typeof bound === 'object' && bound !== null ? bound.port : port };
    this.#server = server;
  }

  get port(): number {
    return this.#address.port;
  }

  get address(): string {
    return formatAddress(this.#address);
  }

  get refusal(): DoorRefusal | undefined {
    return this.#refusal;
  }

  get isArmed(): boolean {
    return this.#armed > 0;
  }

  onEvent(listener: (event: DoorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  begin(): DoorWindow {
    const window = new CountingWindow(this);
    this.#windows.add(window);
    return window;
  }

  learnIdle(): () => readonly string[] {
    this.#learners++;
    let isLearning = true;
    return () => {
      if (isLearning) this.#learners--;
      isLearning = false;
      return [...this.#idleNames];
    };
  }

  cutAll(): void {
    for (const connection of this.#connections) void connection.cut();
  }

  async close(): Promise<void> {
    for (const window of this.#windows) window.end();
    const server = this.#server;
    this.#server = undefined;
    const isClosed = server === undefined ? undefined : new Promise((resolve) => server.close(resolve));
    await Promise.all([...this.#connections].map((connection) => connection.cut()));
    await isClosed;
  }

  // What its connections ask for.

  converse(ear: Ear): Conversation {
    switch (this.kind) {
      case 'redis':
        return new RedisConversation(ear);
      case 'postgres':
        return new PostgresConversation(ear);
      case 'mysql':
        return new MysqlConversation(ear);
      default:
        return new BytesConversation(ear, { pauseMs: this.#pauseMs, now: () => performance.now() });
    }
  }

  register(connection: DoorConnection, { name, role, hasReply }: Spoken, canStand: boolean): Registered {
    if (this.#learners > 0 && role === 'work' && !NEVER_IDLE.test(name)) this.#idleNames.add(name);
    const isIdle = role === 'work' && (ALWAYS_IDLE.has(name) || this.#idleNames.has(name));
    const message: DoorMessage = {
      connection: connection.number,
      sequence: ++this.#sequence,
      name,
      role: isIdle ? 'idle' : role,
    };
    this.counts[message.role]++;
    this.tell({ type: 'message', message });
    let found: [MetStand, CountedMessage] | undefined;
    for (const window of this.#windows)
      found = window.take(message, hasReply, canStand && found === undefined) ?? found;
    found?.[0].claim(found[1], connection);
    return { message, stand: found?.[0] };
  }

  settle(sequence: number): void {
    for (const window of this.#windows) window.settle(sequence);
  }

  tell(event: DoorEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  refuse(connection: number, refusal: DoorRefusal): void {
    // To this PostgreSQL "no encryption" is a part of each refusal by address; whether it wants any, it says elsewhere.
    if (this.kind === 'postgres' && refusal.code === 'store-insists-on-tls')
      void offersTls(this.upstream).then((isOffered) => isOffered && this.#noteRefusal(connection, refusal));
    else this.#noteRefusal(connection, refusal);
  }

  #noteRefusal(connection: number, refusal: DoorRefusal): void {
    this.#refusal ??= refusal;
    this.tell({ type: 'refused', connection, refusal });
  }

  closed(connection: DoorConnection): void {
    this.#connections.delete(connection);
  }

  // What its windows ask for.

  arm(by: 1 | -1): void {
    this.#armed += by;
    // Later, since it is in the middle of a piece that a stand is met.
    if (this.#armed === 0)
      queueMicrotask(() => {
        for (const connection of this.#connections) connection.rearm();
      });
  }

  drop(window: CountingWindow): void {
    this.#windows.delete(window);
  }

  #accept(client: Socket): void {
    const connection = new DoorConnection(++this.#accepted, client, this);
    this.#connections.add(connection);
    this.tell({ type: 'connected', connection: connection.number });
  }
}
