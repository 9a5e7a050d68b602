/** `onceproof demo`: a real bug, found and told, and its repaired edition. */

import { Command } from 'commander';
import { wholeNumber } from './options.ts';
import { EXIT, type CommandOf } from './terminal.ts';

interface DemoFlags {
  readonly seed: number;
  readonly out: string;
}

export const demoCommand: CommandOf = (terminal) =>
  new Command('demo')
    .description('find a real bug in a wrong edition of the bundled server, then run the repaired one')
    .option('--seed <n>', 'seed of every decision', wholeNumber('--seed', 0), 1)
    .option('--out <dir>', 'where the two runs are kept', 'results')
    .action(async (flags: DemoFlags) => {
      const { demo } = await import('../runs/demo.ts');
      const { isCaught, verdict } = await demo({
        ...flags,
        signal: terminal.interruption(),
        progress: terminal.progress,
        say: terminal.print,
        colour: terminal.colour,
      });
      // A bug that was not caught proves as little as a run that met nothing.
      terminal.exit(isCaught ? EXIT[verdict] : EXIT.unknown);
    });
