#!/usr/bin/env node
/** The command line. The only file of the harness that reads arguments, prints and ends the process. */

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError, usageError } from './base/errors.ts';
import { packageRoot } from './base/program.ts';
import { keepEnvironmentSecrets } from './base/secrets.ts';
import { auditCommand } from './commands/audit.ts';
import { checkCommand } from './commands/check.ts';
import { doctorCommand } from './commands/doctor.ts';
import { guarded } from './commands/guarded.ts';
import { initCommand } from './commands/init.ts';
import { proxyCommand } from './commands/proxy.ts';
import { replayCommand } from './commands/replay.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { sweepCommand } from './commands/sweep.ts';
import { EXIT, type CommandOf, type Terminal } from './commands/terminal.ts';
import { wantsColour } from './report/terminal.ts';

/** In the order of the help. */
const COMMANDS: readonly CommandOf[] = [
  runCommand,
  sweepCommand,
  checkCommand,
  auditCommand,
  replayCommand,
  serveCommand,
  proxyCommand,
  initCommand,
  doctorCommand,
];

const withEnd = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);

const terminal: Terminal = guarded({
  print: (text) => void process.stdout.write(withEnd(text)),
  complain: (text) => void process.stderr.write(withEnd(text)),
  progress: process.stderr,
  colour: wantsColour(process.stdout, process.env),
  env: process.env,
  interruption,
  exit: (code) => {
    process.exitCode = code;
  },
});

function interruption(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.harness);
    terminal.complain('interrupted: healing, settling and judging what there is (again to stop at once)');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

function program(): Command {
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
function told(error: unknown): number {
  const { complain } = terminal;
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
  complain(`onceproof: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.harness;
}

keepEnvironmentSecrets(process.env);
try {
  await program().parseAsync();
} catch (error) {
  terminal.exit(told(error instanceof InvalidArgumentError ? usageError('flag', error.message) : error));
}
