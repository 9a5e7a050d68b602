/** A server that loses every second request of a connection, as one does that restarts. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface Dropper {
  readonly url: string;
  readonly requestCount: () => number;
  readonly close: () => Promise<void>;
}

/** Answers the first request of a connection and closes it at the second, as a server does that restarts. */
export async function startDropper(): Promise<Dropper> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const dropper = createServer((socket) => {
    sockets.add(socket);
    let seen = 0;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      requests++;
      if (++seen === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.destroy();
    });
  });
  dropper.listen(0, '127.0.0.1');
  await once(dropper, 'listening');
  return {
    url: `http://127.0.0.1:${(dropper.address() as AddressInfo).port}`,
    requestCount: () => requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      dropper.close();
      await once(dropper, 'close');
    },
  };
}
