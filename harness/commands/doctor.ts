/** `onceproof doctor`: what is installed here. */

import { Command } from 'commander';
import type { CommandOf } from './terminal.ts';

export const doctorCommand: CommandOf = (terminal) =>
  new Command('doctor').description('what is installed here, and what `auto` would take').action(async () => {
    const { doctor, renderDoctor } = await import('../runs/doctor.ts');
    terminal.print(renderDoctor(await doctor()));
  });
