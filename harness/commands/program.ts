/** The program that the commands make together, and what it says of what they throw. */

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError, usageError } from '../base/errors.ts';
import { packageRoot } from '../base/program.ts';
import { auditCommand } from './audit.ts';
import { checkCommand } from './check.ts';
import { demoCommand } from './demo.ts';
import { checkConfigCommand } from './check-config.ts';
import { doctorCommand } from './doctor.ts';
import { initCommand } from './init.ts';
import { probeCommand } from './probe.ts';
import { proxyCommand } from './proxy.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';
import { selftestCommand } from './selftest.ts';
import { serveCommand } from './serve.ts';
import { sweepCommand } from './sweep.ts';
import { EXIT, type CommandOf, type Terminal } from './terminal.ts';

/** In the order of the help. */
const COMMANDS: readonly CommandOf[] = [
  demoCommand,
  runCommand,
  sweepCommand,
  probeCommand,
  checkConfigCommand,
  checkCommand,
  auditCommand,
  replayCommand,
  selftestCommand,
  serveCommand,
  proxyCommand,
  initCommand,
  doctorCommand,
];

/** All commands, handed what they may do to the outside. */
export function program(terminal: Terminal): Command {
  const main = new Command('onceproof')
    .description('Proves, or disproves, that a redemption endpoint debits points exactly once per intent.')
    .version(version())
    .showHelpAfterError(false)
    .addHelpText(
      'after',
      '\nExit codes: 0 valid, 1 invalid, 2 unknown, 3 the harness could not work, 4 wrong usage or config.',
    );
  for (const command of COMMANDS) main.addCommand(command(terminal));
  // Set on each command: commander does not hand these down to commands that were added.
  for (const command of [main, ...main.commands]) {
    command.exitOverride().configureOutput({ outputError: () => undefined });
  }
  return main;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** Says what went wrong, in one line where it is known, and gives the exit code. */
export function told(error: unknown, { complain }: Pick<Terminal, 'complain'>): number {
  if (error instanceof InvalidArgumentError) return told(usageError('flag', error.message), { complain });
  if (error instanceof HarnessError) {
    complain(`onceproof: ${error.message}`);
    return error.kind === 'usage' ? EXIT.usage : EXIT.harness;
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.valid;
    const isHelp = error.code === 'commander.help';
    if (!isHelp)
      complain(
        `onceproof: ${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; see onceproof --help`,
      );
    return EXIT.usage;
  }
  complain(`onceproof: ${whereFrom(error)}`);
  return EXIT.harness;
}

/** An error that nobody expected, in one line: what it says, and where it was thrown. */
function whereFrom(error: unknown): string {
  if (!(error instanceof Error)) return `an error that nobody expected: ${String(error)}`;
  const place = /\n\s+at (.*)/.exec(error.stack ?? '')?.[1];
  const text = `${error.name}: ${error.message}`.replace(/\s*\n\s*/g, ' ');
  return place === undefined ? text : `${text} (at ${place})`;
}
