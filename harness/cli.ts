#!/usr/bin/env node
/** The command line. The only file of the harness that reads arguments, prints and ends the process. */

import { createInterface } from 'node:readline/promises';
import { keepEnvironmentSecrets } from './base/secrets.ts';
import { guarded } from './commands/guarded.ts';
import { EXIT, type Terminal } from './commands/terminal.ts';
import { guardProcess } from './commands/process-guard.ts';
import { program, told } from './commands/program.ts';
import { wantsColour } from './report/terminal.ts';

const withEnd = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);

const guard = guardProcess((code) => process.exit(code));
const terminal: Terminal = guarded({
  print: (text) => void process.stdout.write(withEnd(text)),
  complain: (text) => void process.stderr.write(withEnd(text)),
  progress: process.stderr,
  colour: wantsColour(process.stdout, process.env),
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
  env: process.env,
  interruption,
  exit: guard.decide,
});

/** On stderr: what is printed stays clean. */
async function ask(question: string, offered: string): Promise<string> {
  const asker = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asker.question(`${question}${offered === '' ? '' : ` [${offered}]`}: `);
    return answer.trim() === '' ? offered : answer.trim();
  } finally {
    asker.close();
  }
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) {
      terminal.complain('stopped at once: there is no verdict');
      guard.decide(EXIT.harness);
      process.exit();
    }
    terminal.complain('interrupted: healing, settling and judging what there is (again to stop at once)');
    controller.abort();
  };
  // A terminal that is closed ends a run as its user would have.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  guard.onFailure(() => controller.abort());
  return controller.signal;
}

keepEnvironmentSecrets(process.env);
try {
  await program(terminal).parseAsync();
  guard.finish();
} catch (error) {
  terminal.exit(told(error, terminal));
}
// What a config or a hook left open (a timer, a connection) is no reason to stay.
await Promise.all([process.stdout, process.stderr].map(flushed));
process.exit();

/** Pipes are written behind: what was said is passed on before the process ends. A broken one says so to the guard. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
