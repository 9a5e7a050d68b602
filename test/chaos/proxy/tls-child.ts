/** A process that trusts the certificate that NODE_EXTRA_CA_CERTS names: what a hop over TLS gets, as one line of JSON. */
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { ChaosProxy } from '../../../harness/chaos/proxy/chaos-proxy.ts';

const [key, cert] = await Promise.all(process.argv.slice(2).map((file) => readFile(file)));
const server = createServer({ ...(key && { key }), ...(cert && { cert }) }, (request, response) => {
  response.end(JSON.stringify({ host: request.headers.host }));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
const proxy = new ChaosProxy({ seed: 1 });
const { listen } = await proxy.create({
  name: 'hop',
  mode: 'http',
  upstreams: [`localhost:${port}`],
  tls: true,
  hostHeader: 'localhost',
});
const response = await fetch(`http://${listen}/`, { method: 'POST', body: '{}' });
console.log(JSON.stringify({ status: response.status, body: await response.json() }));
await proxy.close();
server.close();
server.closeAllConnections();
