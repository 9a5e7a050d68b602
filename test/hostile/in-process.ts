/** Runs a command of the command line in this process: the same commands, with streams that are kept. */

import { PassThrough } from 'node:stream';
import { program, told } from '../../harness/commands/program.ts';
import { EXIT, type Terminal } from '../../harness/commands/terminal.ts';

export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What was drawn on stderr while it worked. */
  readonly progress?: string;
}

export async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const out: string[] = [];
  const err: string[] = [];
  let code: number = EXIT.valid;
  const drawn: string[] = [];
  const progress = new PassThrough();
  progress.on('data', (chunk: Buffer) => drawn.push(chunk.toString('utf8')));
  const terminal: Terminal = {
    print: (text) => void out.push(text),
    complain: (text) => void err.push(text),
    progress,
    colour: false,
    env,
    interruption: () => new AbortController().signal,
    exit: (decided) => {
      code = decided;
    },
  };
  try {
    await program(terminal).parseAsync([...args], { from: 'user' });
  } catch (error) {
    code = told(error, terminal);
  }
  return { code, stdout: out.join('\n'), stderr: err.join('\n'), progress: drawn.join('') };
}
