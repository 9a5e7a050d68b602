import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { program } from '../../harness/commands/program.ts';
import type { Terminal } from '../../harness/commands/terminal.ts';

const SECRET = 'a-token-of-the-environment';
const terminal: Terminal = {
  print: () => {},
  complain: () => {},
  progress: new PassThrough(),
  colour: false,
  env: { TOKEN: SECRET, HOOKS_TOKEN: SECRET },
  interruption: () => new AbortController().signal,
  exit: () => {},
};

test('the help of no command shows what stands in the environment', () => {
  const { commands } = program(terminal);
  expect(commands.map((command) => command.name())).toEqual(
    expect.arrayContaining(['audit', 'run', 'sweep']),
  );
  for (const command of commands) {
    const help = command.helpInformation();
    expect(help).toMatch(/^Usage: /);
    expect(help, command.name()).not.toContain(SECRET);
  }
});
