/** The reference server as a program: the only file here that reads argv, prints and exits. */

import { writeSync } from 'node:fs';
import { defectCatalogue } from './defects/index.ts';
import { HELP, OptionError, parseOptions } from './options.ts';
import type { RunningServer } from './server.ts';

/** Wrong usage, and a server that could not start: as in the harness. */
const EXIT_USAGE = 4;
const EXIT_FAILED = 3;
/** A shutdown that takes longer is cut off. */
const SHUTDOWN_MS = 10_000;

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  try {
    const options = parseOptions(argv, process.env);
    if (options === 'help') return print(HELP);
    if (options === 'list-defects') return print(JSON.stringify(defectCatalogue()));
    // Loaded only now: a wrong option is told at once.
    const { startServer } = await import('./server.ts');
    const server = await startServer(options, {
      emit: (event) => print(JSON.stringify(event)),
      log: (line) => writeSync(2, `${line}\n`),
      die: () => process.kill(process.pid, 'SIGKILL'),
      isMortal: true,
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shutDown(server));
  } catch (error) {
    writeSync(2, `${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof OptionError ? EXIT_USAGE : EXIT_FAILED);
  }
}

async function shutDown(server: RunningServer): Promise<void> {
  setTimeout(() => process.exit(EXIT_FAILED), SHUTDOWN_MS).unref();
  await server.close();
  process.exit(0);
}

function print(line: string): void {
  writeSync(1, `${line}\n`);
}
