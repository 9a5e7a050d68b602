import { connect, type Socket } from 'node:net';

/** The yardstick: the shortest relay that one writes in Node. */
export function relay(client: Socket, port: number): void {
  const server = connect({ host: '127.0.0.1', port, noDelay: true });
  client.on('error', () => server.destroy());
  server.on('error', () => client.destroy());
  client.pipe(server);
  server.pipe(client);
}
