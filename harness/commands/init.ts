/** `onceproof init`: a config to fill in. */

import { Command } from 'commander';
import type { CommandOf } from './terminal.ts';

export const initCommand: CommandOf = (terminal) =>
  new Command('init')
    .description("write a commented config for one's own endpoint")
    .option('--force', 'overwrite one that is there')
    .action(async (flags: { force?: boolean }) => {
      const { initConfig } = await import('../runs/init.ts');
      const file = await initConfig({ dir: process.cwd(), force: flags.force === true });
      terminal.print(`wrote ${file}\nnext: fill it in, then: onceproof run --target ${file}`);
    });
