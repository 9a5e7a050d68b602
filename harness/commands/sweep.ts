/** `onceproof sweep`: stands at every message between the endpoint and its store. */

import { Command } from 'commander';
import { durationMs } from '../base/duration.ts';
import { usageError } from '../base/errors.ts';
import { PROFILE_NAMES, type ProfileName } from '../model/contract.ts';
import { readStandName, SWEEP_KINDS, type AskedStand } from '../model/stand.ts';
import { DEFAULT_REPORTS, REPORT_KINDS, type ReportKind } from '../report/kinds.ts';
import { baselineOf, baselineOption, exitOf } from './baseline.ts';
import { configOf } from './config-file.ts';
import { duration, listOf, nameText, oneOf, wholeNumber, wordOrUrl } from './options.ts';
import type { CommandOf } from './terminal.ts';

interface SweepFlags {
  readonly target?: string;
  readonly store: string;
  readonly replicas?: number;
  readonly profile?: ProfileName;
  readonly defect?: string;
  readonly depth: number;
  readonly budget?: string;
  readonly first?: boolean;
  readonly stand?: readonly AskedStand[];
  readonly seed: number;
  readonly runId?: string;
  readonly out: string;
  readonly report: readonly ReportKind[];
  readonly baseline?: string;
  readonly json?: boolean;
}

export const sweepCommand: CommandOf = (terminal) =>
  new Command('sweep')
    .description('stand at every message between the endpoint and its store, one at a time, and judge')
    .option(
      '--target <file>',
      'config of the endpoint (default: onceproof.config.ts, else the bundled reference server)',
    )
    .option(
      '--store <name|url>',
      'of the reference server: auto, memory (its four named points), redis, or redis://host:port',
      wordOrUrl('--store', ['auto', 'memory', 'redis'], ['redis:', 'rediss:']),
      'auto',
    )
    .option(
      '--replicas <n>',
      'replicas of the reference server (default 2)',
      wholeNumber('--replicas', 1, 16),
    )
    .option(
      '--profile <name>',
      'contract profile of the reference server: seed, ietf, stripe',
      oneOf('--profile', PROFILE_NAMES),
    )
    .option('--defect <name>', 'a named wrong edition of the reference server (see: serve --list-defects)')
    .option(
      '--depth <n>',
      '1: one stand at a time; 2: also two, the second at the retry',
      wholeNumber('--depth', 1, 2),
      1,
    )
    .option('--budget <time>', 'take the best stands that fit into this time, e.g. 60s', duration('--budget'))
    .option(
      '--stand <kind@store:k>',
      'these stands alone (comma list): cut-before@db:3; cut-before@db:1/replay (or refusal, expired); same-key@db:2/cut-after@db:3 at the retry',
      standsAsked,
    )
    .option('--first', 'end at the first stand that breaks a rule')
    .option('--engine <name>', 'refused: a sweep sends by its own client', refuseEngine)
    .option('--seed <n>', 'seed of every decision', wholeNumber('--seed', 0), 1)
    .option('--run-id <id>', 'name of this run (default: a new one)', nameText('--run-id'))
    .option('--out <dir>', 'where runs are kept', 'results')
    .option(
      '--report <kinds>',
      'html, junit, markdown, json, github, badge (comma list)',
      listOf('--report', REPORT_KINDS),
      [...DEFAULT_REPORTS],
    )
    .addOption(baselineOption())
    .option('--json', 'print the verdict as JSON, and nothing else, on stdout')
    .action(async (flags: SweepFlags) => {
      const { sweep } = await import('../runs/sweep.ts');
      const config = await configOf(flags.target, terminal.env);
      const baseline = await baselineOf(flags.baseline);
      const { budget, first, depth, stand, ...rest } = flags;
      const budgetMs = budget === undefined ? undefined : durationMs(budget);
      const { verdict } = await sweep({
        ...rest,
        ...config,
        depth: depth === 2 ? 2 : 1,
        ...(budgetMs !== undefined && { budgetMs }),
        ...(stand !== undefined && { only: stand }),
        ...(first === true && { endsAtFirst: true }),
        signal: terminal.interruption(),
        progress: terminal.progress,
        say: flags.json ? terminal.complain : terminal.print,
        colour: terminal.colour && !flags.json,
      });
      if (flags.json) terminal.print(JSON.stringify(verdict, null, 2));
      terminal.exit(await exitOf([verdict], baseline, flags.json ? terminal.complain : terminal.print));
    });

function standsAsked(list: string): readonly AskedStand[] {
  return list.split(',').map((text) => {
    const stand = readStandName(text);
    if (stand !== undefined) return stand;
    throw usageError('flag', 'wrong value', {
      field: '--stand',
      expected: `kind@store:k, with one of ${SWEEP_KINDS.join(', ')}`,
      found: text,
    });
  });
}

function refuseEngine(found: string): never {
  throw usageError('flag', 'is not for a sweep', {
    field: '--engine',
    expected: 'no such flag: a sweep sends by its own client',
    found,
  });
}
