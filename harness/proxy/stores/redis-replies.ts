import type { Ear, Spoken } from './conversation.ts';

const LF = 10;
const MAX_LINE_BYTES = 64 * 1024;
/** Enough of an error to know its kind. */
const CAPTURE_BYTES = 24;
const TLS_ALERT = 0x15;

/** Finds where each reply ends, RESP2 or RESP3; what a server pushes is no reply. */
export class RedisReplies {
  readonly #ear: Ear;
  readonly #expected: Spoken[] = [];
  #isLast = false;
  #isRaw = false;
  #received = 0;
  #line = '';
  #bulkLeft = 0;
  /** Values that the reply still needs; 0 between replies. */
  #valuesLeft = 0;
  #isPush = false;
  #isError = false;

  constructor(ear: Ear) {
    this.#ear = ear;
  }

  expect(spoken: Spoken): void {
    if (!this.#isRaw) this.#expected.push(spoken);
  }

  /** Behind the replies that are expected now, nothing is read any more. */
  expectNoMore(): void {
    this.#isLast = true;
    if (this.#expected.length === 0) this.#isRaw = true;
  }

  take(bytes: Buffer): void {
    const base = this.#received;
    this.#received += bytes.length;
    let at = 0;
    while (at < bytes.length && !this.#isRaw) {
      if (this.#bulkLeft > 0) {
        const taken = Math.min(this.#bulkLeft, bytes.length - at);
        this.#bulkLeft -= taken;
        at += taken;
      } else {
        const end = bytes.indexOf(LF, at);
        if (end < 0) {
          this.#keep(bytes, at, base);
          return;
        }
        const line = this.#line + bytes.toString('latin1', at, Math.min(end, at + CAPTURE_BYTES));
        this.#line = '';
        at = end + 1;
        this.#readLine(line);
      }
      if (this.#valuesLeft === 0 && this.#bulkLeft === 0 && !this.#isRaw) this.#finish(base + at);
    }
  }

  #keep(bytes: Buffer, at: number, base: number): void {
    if (base + at === 0 && bytes[at] === TLS_ALERT) {
      this.#refuseTls();
      return;
    }
    // Long lines are told apart by their beginning.
    const room = MAX_LINE_BYTES - this.#line.length;
    this.#line += bytes.toString('latin1', at, at + Math.max(0, room));
  }

  #readLine(line: string): void {
    const type = line[0];
    if (this.#valuesLeft === 0) {
      this.#valuesLeft = 1;
      this.#isPush = type === '>';
      this.#isError = type === '-';
      if (type === '-') this.#readError(line);
    }
    const count = Number.parseInt(line.slice(1), 10);
    switch (type) {
      case '+':
      case '-':
      case ':':
      case '_':
      case ',':
      case '#':
      case '(':
        this.#valuesLeft--;
        return;
      case '$':
      case '=':
      case '!':
        this.#valuesLeft--;
        if (count >= 0) this.#bulkLeft = count + 2;
        return;
      case '*':
      case '~':
      case '>':
        this.#valuesLeft += Math.max(0, count) - 1;
        return;
      case '%':
        this.#valuesLeft += 2 * Math.max(0, count) - 1;
        return;
      // Attributes stand before the value that they are about.
      case '|':
        this.#valuesLeft += 2 * Math.max(0, count);
        return;
      default:
        if (line.charCodeAt(0) === TLS_ALERT) {
          this.#refuseTls();
          return;
        }
        this.#ear.refuse({ code: 'other-protocol', message: 'what answers at this address is not a Redis' });
        this.#leaveAlone('a reply that is not RESP');
    }
  }

  #finish(end: number): void {
    if (this.#isPush) return;
    const spoken = this.#expected.shift();
    if (spoken === undefined) return;
    if (!this.#isError) this.#readTopology(spoken);
    this.#ear.reply(spoken, end);
    if (this.#isLast && this.#expected.length === 0) this.#isRaw = true;
  }

  #readError(line: string): void {
    if (!/^-(?:MOVED|ASK|CLUSTERDOWN|CROSSSLOT) /.test(line)) return;
    this.#refuseCluster();
  }

  /** Only who is one answers these without an error. */
  #readTopology({ name }: Spoken): void {
    if (name === 'READONLY' || (name.startsWith('CLUSTER ') && name !== 'CLUSTER HELP'))
      this.#refuseCluster();
    if (name.startsWith('SENTINEL'))
      this.#ear.refuse({
        code: 'redis-sentinel',
        message:
          'this is a Redis Sentinel: it names other addresses, past the door; put the door before the Redis itself',
      });
  }

  #refuseTls(): void {
    this.#ear.refuse({
      code: 'store-insists-on-tls',
      message: 'the Redis at this address speaks TLS only; a door reads plain RESP',
    });
    this.#leaveAlone('TLS');
  }

  #refuseCluster(): void {
    this.#ear.refuse({
      code: 'redis-cluster',
      message:
        'this is a Redis Cluster: it sends clients to other addresses, past the door; doors before clusters are not built yet',
    });
  }

  #leaveAlone(reason: string): void {
    this.#isRaw = true;
    this.#expected.length = 0;
    this.#ear.leaveAlone(reason);
  }
}
