/** `onceproof check`: saved histories are judged again. */

import { Command } from 'commander';
import { REPORT_KINDS, type ReportKind } from '../report/kinds.ts';
import { baselineOf, baselineOption, exitOf } from './baseline.ts';
import { listOf, wholeNumber } from './options.ts';
import type { CommandOf } from './terminal.ts';

interface CheckFlags {
  readonly json?: boolean;
  readonly report?: readonly ReportKind[];
  readonly baseline?: string;
  readonly workers?: number;
}

export const checkCommand: CommandOf = (terminal) =>
  new Command('check')
    .description('judge saved histories again, or those of many machines together')
    .argument('<history...>', 'history.ndjson files (or .gz) of one run')
    .option('--json', 'print the verdict as JSON, and nothing else, on stdout')
    .option(
      '--report <kinds>',
      'also write reports beside the first history',
      listOf('--report', REPORT_KINDS),
    )
    .option(
      '--workers <n>',
      'threads that judge large histories, each some of the customers (default: one a core, 1 for small ones)',
      wholeNumber('--workers', 1, 64),
    )
    .addOption(baselineOption())
    .action(async (histories: string[], flags: CheckFlags) => {
      const baseline = await baselineOf(flags.baseline);
      const { judgeHistories } = await import('../runs/check.ts');
      const { verdict, text } = await judgeHistories(histories, flags.report ?? [], {
        workers: flags.workers,
      });
      terminal.print(flags.json ? JSON.stringify(verdict, null, 2) : text);
      terminal.exit(await exitOf([verdict], baseline, flags.json ? terminal.complain : terminal.print));
    });
