/** A connection through an HTTP proxy: CONNECT first (RFC 9110, section 9.3.6), then whatever is spoken inside. */

import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import type { Address } from '../address.ts';
import { HEAD_END, MAX_HEAD_BYTES } from './head.ts';

export interface Tunnel {
  /** `host:port` that the proxy is asked for. */
  readonly to: string;
  readonly authorization?: string;
}

/** What is written waits until the tunnel stands; a proxy that refuses destroys it with an error that says so. */
export function tunnelled(proxy: Address, { to, authorization }: Tunnel): Duplex {
  const socket = connect({ host: proxy.host, port: proxy.port, noDelay: true });
  let isOpen = false;
  let waiting: (() => void) | undefined;
  let head: Buffer = Buffer.alloc(0);
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _, done) => {
      const send = (): void => void socket.write(chunk, done);
      if (isOpen) send();
      else waiting = send;
    },
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const pass = (bytes: Buffer): void => {
    if (bytes.length > 0 && !stream.push(bytes)) socket.pause();
  };
  socket.once('connect', () => {
    const credentials = authorization === undefined ? '' : `Proxy-Authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n${credentials}\r\n`);
  });
  socket.on('data', (bytes: Buffer) => {
    if (isOpen) return pass(bytes);
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf(HEAD_END);
    if (end < 0 && head.length <= MAX_HEAD_BYTES) return;
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 12))?.[1] ?? 'no status';
    if (end < 0 || !status.startsWith('2')) {
      stream.destroy(new Error(`the HTTP proxy answered ${status} to CONNECT`));
      return;
    }
    isOpen = true;
    waiting?.();
    pass(head.subarray(end + HEAD_END.length));
  });
  socket.on('end', () => stream.push(null));
  socket.on('error', (error) => stream.destroy(error));
  socket.on('close', () => stream.destroy());
  return stream;
}
