/**
 * A server over TLS that answers with the version of HTTP that it was asked in: 2.0 where the client wants it; `/client`: with
 * the name on the client's certificate.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findProgram } from '../../harness/base/program.ts';

const openssl = findProgram('openssl');

/** Reason in a test's title when no certificate can be made. */
export const withoutTls = openssl === undefined ? ' (skipped: no openssl is installed)' : '';

export async function startTlsServer(): Promise<{
  readonly url: string;
  /** What a client may show: PEM. */
  readonly client: { readonly key: string; readonly cert: string };
  readonly close: () => Promise<void>;
}> {
  const own = certificate('127.0.0.1');
  const options = { ...own, allowHTTP1: true, requestCert: true, rejectUnauthorized: false };
  const server = createSecureServer(options, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate() as Partial<PeerCertificate>;
    response.end(request.url === '/client' ? String(subject?.CN ?? 'nobody') : request.httpVersion);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sessions = new Set<{ destroy: () => void }>();
  for (const kind of ['session', 'secureConnection'])
    server.on(kind, (one: { destroy: () => void }) => sessions.add(one));
  return {
    client: certificate('till-7'),
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      for (const one of sessions) one.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Nobody vouches for it. */
function certificate(name: string): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync(
      openssl ?? 'openssl',
      ['req', '-x509', ...kind, '-days', '2', '-subj', `/CN=${name}`, ...files],
      {
        stdio: 'ignore',
      },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
