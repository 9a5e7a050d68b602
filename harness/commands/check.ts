/** `onceproof check`: saved histories are judged again. */

import { Command } from 'commander';
import { REPORT_KINDS, type ReportKind } from '../report/kinds.ts';
import { listOf } from './options.ts';
import { EXIT, type CommandOf } from './terminal.ts';

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
    .action(async (histories: string[], flags: { json?: boolean; report?: readonly ReportKind[] }) => {
      const { judgeHistories } = await import('../runs/check.ts');
      const { verdict, text } = await judgeHistories(histories, flags.report ?? []);
      terminal.print(flags.json ? JSON.stringify(verdict, null, 2) : text);
      terminal.exit(EXIT[verdict.verdict]);
    });
