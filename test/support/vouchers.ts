/** Starts the voucher service of examples/own-endpoint as a program of its own. */

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export interface Vouchers {
  readonly url: string;
  readonly token: string;
  /** Ends it by its process id. */
  readonly stop: () => Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');
const TOKEN = 'vouchers-token';

/** `database` is the URL of a PostgreSQL that nobody else writes to. */
export function startVouchers(database: string, edition: 'right' | 'wrong'): Promise<Vouchers> {
  const main = join(root, 'examples/own-endpoint/service/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    cwd: root,
    env: {
      ...process.env,
      VOUCHERS_DATABASE: database,
      VOUCHERS_EDITION: edition,
      VOUCHERS_PORT: '0',
      VOUCHERS_TOKEN: TOKEN,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const end = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await end;
  };
  return new Promise((done, fail) => {
    let said = '';
    const listen = (text: string) => {
      said += text;
      const url = /listens on (http:\S+)/.exec(said)?.[1];
      if (url !== undefined) done({ url, token: TOKEN, stop });
    };
    child.stdout.setEncoding('utf8').on('data', listen);
    child.stderr.setEncoding('utf8').on('data', listen);
    child.once('exit', (code) => fail(new Error(`the voucher service ended with ${code}: ${said}`)));
  });
}
