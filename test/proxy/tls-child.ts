/** A process that trusts the certificate that NODE_EXTRA_CA_CERTS names: what a hop over TLS gets, as one line of JSON. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwnEnvironment } from '../../harness/environment/own.ts';
import { ATTEMPT_HEADER } from '../../harness/model/protocol.ts';

const [host = '', ...files] = process.argv.slice(2);
const [key, cert] = await Promise.all(files.map((file) => readFile(file)));
const server = createServer({ ...(key && { key }), ...(cert && { cert }) }, (request, response) => {
  response.end(JSON.stringify({ host: request.headers.host }));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
const workDir = await mkdtemp(join(tmpdir(), 'onceproof-'));
let arrivalCount = 0;
const environment = await startOwnEnvironment({
  baseUrl: `https://${host}:${port}/api`,
  proxy: 'embedded',
  seed: '1',
  runId: 'tls',
  workDir,
  onArrival: () => (arrivalCount += 1),
});
const response = await fetch(`${environment.baseUrl}/redeem`, {
  method: 'POST',
  headers: { [ATTEMPT_HEADER]: 'i.1' },
  body: '{}',
});
const body: unknown = await response.json();
await environment.close();
console.log(JSON.stringify({ status: response.status, body, arrivalCount, port }));
server.close();
server.closeAllConnections();
await rm(workDir, { recursive: true });
