/** Whether a store that turned a plain connection away would speak TLS: only then does it insist on it. */

import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Address } from '../address.ts';

const ANSWER_WITHIN_MS = 2000;

/** Length 8, code 80877103. */
const SSL_REQUEST_PACKET = Buffer.from('0000000804d2162f', 'hex');

/** A PostgreSQL answers one byte to the request for SSL. */
export function offersTls(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address });
    const end = (isOffered: boolean): void => {
      socket.destroy();
      resolve(isOffered);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(false));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
    socket.on('data', (answer) => end(answer[0] === 0x53));
    socket.write(SSL_REQUEST_PACKET);
  });
}

/** Others speak TLS from the first byte on. Nothing is sent in it, so that whose certificate it is does not matter. */
export function speaksTls(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ ...address, rejectUnauthorized: false });
    const end = (isSpoken: boolean): void => {
      socket.destroy();
      resolve(isSpoken);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(false));
    // An alert is TLS, too: it does not like ours.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => end(/^ERR_SSL_.*_ALERT_/.test(code ?? '')));
    socket.on('close', () => end(false));
    socket.on('secureConnect', () => end(true));
  });
}
