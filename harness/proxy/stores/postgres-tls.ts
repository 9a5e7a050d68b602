import { connect } from 'node:net';
import type { Address } from '../address.ts';

const ANSWER_WITHIN_MS = 2000;

/** Length 8, code 80877103. */
export const SSL_REQUEST_PACKET = Buffer.from('0000000804d2162f', 'hex');

/** Whether a PostgreSQL would speak TLS: only then does one that turns plain connections away insist on it. */
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
