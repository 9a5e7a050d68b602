/** The other end of a connection, as a response tells of it. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface Peer {
  readonly ip: string;
  readonly port: number;
  /** As k6 names them: `tls1.2`, and the suite by its name at IANA; empty without TLS. */
  readonly tlsVersion: string;
  readonly tlsCipherSuite: string;
}

/** Nobody was reached. */
export const NOBODY: Peer = { ip: '', port: 0, tlsVersion: '', tlsCipherSuite: '' };

const VERSIONS: Readonly<Record<string, string>> = {
  TLSv1: 'tls1.0',
  'TLSv1.1': 'tls1.1',
  'TLSv1.2': 'tls1.2',
  'TLSv1.3': 'tls1.3',
};

/** Read once: a socket that is closed tells nothing any more. */
export function peerOf(socket: Socket): Peer {
  const { remoteAddress: ip = '', remotePort: port = 0 } = socket;
  if (!(socket instanceof TLSSocket)) return { ...NOBODY, ip, port };
  return {
    ip,
    port,
    tlsVersion: VERSIONS[socket.getProtocol() ?? ''] ?? '',
    // Go names the two of RFC 7905 without the hash.
    tlsCipherSuite: socket.getCipher().standardName.replace(/^(TLS_ECDHE_.*_POLY1305)_SHA256$/, '$1'),
  };
}
