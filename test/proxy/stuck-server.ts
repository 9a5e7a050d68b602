/** A server whose machine does not answer a dial, as far as one machine can show it: a process that takes nobody, its queue full. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { open } from './servers.ts';

const SCRIPT = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    console.log(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    process.exit();
  });
`;
const CONNECTIONS = '/proc/net/tcp';
const SYN_SENT = '02';

/** Why dials cannot be watched here; undefined where they can. */
export const cannotWatchDials = existsSync(CONNECTIONS) ? undefined : `no ${CONNECTIONS} is here`;

export interface StuckServer {
  readonly address: string;
  /** Dials to it that are under way. */
  dialCount(): number;
  /** Ends the process: whoever dials is refused. */
  close(): Promise<void>;
}

export async function stuckServer(): Promise<StuckServer> {
  const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  // A queue for 1 takes 2; further dials are dropped until the process takes somebody.
  for (let count = 0; count < 2; count++) await open(port);
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return {
    address: `127.0.0.1:${port}`,
    dialCount: () =>
      readFileSync(CONNECTIONS, 'utf8')
        .split('\n')
        .map((row) => row.trim().split(/\s+/))
        .filter(([, , to, state]) => to === remote && state === SYN_SENT).length,
    close: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
