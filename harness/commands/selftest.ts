/** `onceproof selftest`: would it be caught? Every wrong edition of the bundled server, and the right one, looked at as a user would. */

import { Command } from 'commander';
import { basename } from 'node:path';
import { durationMs } from '../base/duration.ts';
import { usageError } from '../base/errors.ts';
import { SCHEDULES, type ScheduleName } from '../faults/profiles.ts';
import { SCENARIOS } from '../plan/plan.ts';
import type { AskedWay } from '../selftest/cells.ts';
import { configAt } from './config-file.ts';
import { duration, hosts, listOf, oneOf, wholeNumber } from './options.ts';
import type { CommandOf, Terminal } from './terminal.ts';

interface SelftestFlags {
  readonly target?: string;
  readonly seed?: number;
  readonly allowHost?: readonly string[];
  readonly seeds?: number;
  readonly only?: readonly string[];
  readonly scenario?: readonly ('sweep' | (typeof SCENARIOS)[number])[];
  readonly faults?: ScheduleName;
  readonly all?: boolean;
  readonly budget?: string;
  readonly workers?: number;
  readonly write?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** Exit codes: what the matrix came to. */
const CODES = { caught: 0, missed: 1, undecided: 2, failed: 3 } as const;
/** Fits two minutes of two cores. */
const BUDGET = '2m';
const ALL_SEEDS = 10;

export const selftestCommand: CommandOf = (terminal) =>
  new Command('selftest')
    .description('would it be caught? wrong editions x scenarios and sweep x seeds, and any false alarm')
    .option(
      '--target <file>',
      "selftest on one's own endpoint: lies in its answers and reads, each of which a rule has to find",
    )
    .option('--seed <n>', 'with --target: seed of its runs (default 1)', wholeNumber('--seed', 0))
    .option(
      '--allow-host <host>',
      'with --target: host or host:port that may be sent requests beside those of the config',
      hosts('--allow-host'),
    )
    .option(
      '--seeds <n>',
      `seeds 1 to n for each defect (default 1, with --all ${ALL_SEEDS})`,
      wholeNumber('--seeds', 1, 1000),
    )
    .option('--only <names>', 'these defects alone (comma list; see: serve --list-defects)', namesIn)
    .option(
      '--scenario <names>',
      "in the place of each defect's own way: scenarios, or sweep (comma list)",
      listOf('--scenario', [...SCENARIOS, 'sweep']),
    )
    .option('--faults <name>', 'schedule for --scenario (default light)', oneOf('--faults', SCHEDULES))
    .option('--all', 'every scenario and a sweep for each defect, the right server under every profile')
    .option(
      '--budget <time>',
      `begin no cell after this time (default ${BUDGET}, with --all none)`,
      duration('--budget'),
    )
    .option(
      '--workers <n>',
      'processes beside each other (default: one a core)',
      wholeNumber('--workers', 1, 64),
    )
    .option('--write <file>', 'write the matrix as Markdown there, too, e.g. docs/detection.md')
    .option('--out <dir>', 'where the report, and what is wrong, is kept', 'results')
    .option('--json', 'print the matrix as JSON, and nothing else, on stdout')
    .addHelpText(
      'after',
      '\nExit codes: 0 all caught and no false alarm, 1 missed or a false alarm, 2 undecided (something was not run, or the right server was unknown), 3 the harness could not work, 4 wrong usage.',
    )
    .action(async (flags: SelftestFlags) => {
      if (flags.target !== undefined) return await ofTarget(flags.target, flags, terminal);
      refuseBeside(flags, ['seed', 'allowHost'], 'needs --target');
      const { selftest } = await import('../runs/selftest.ts');
      const isWhole = flags.all === true;
      const budget = flags.budget ?? (isWhole ? undefined : BUDGET);
      const budgetMs = budget === undefined ? undefined : durationMs(budget);
      const ways = waysOf(flags);
      const { detection } = await selftest({
        seeds: flags.seeds ?? (isWhole ? ALL_SEEDS : 1),
        isWhole,
        ...(flags.only && { only: flags.only }),
        ...(ways && { ways }),
        ...(budgetMs !== undefined && { budgetMs }),
        ...(flags.workers !== undefined && { workers: flags.workers }),
        ...(flags.write !== undefined && { write: flags.write }),
        out: flags.out,
        command: commandText(flags),
        signal: terminal.interruption(),
        progress: terminal.progress,
        say: flags.json ? terminal.complain : terminal.print,
        colour: terminal.colour && !flags.json,
      });
      if (flags.json) terminal.print(JSON.stringify(detection, null, 2));
      terminal.exit(CODES[detection.result]);
    });

async function ofTarget(file: string, flags: SelftestFlags, terminal: Terminal): Promise<void> {
  refuseBeside(
    flags,
    ['seeds', 'only', 'scenario', 'faults', 'all', 'workers', 'write'],
    'is for the bundled reference server',
  );
  const { selftestTarget } = await import('../runs/selftest-target.ts');
  const config = await configAt(file, terminal.env, flags.allowHost);
  const budgetMs = flags.budget === undefined ? undefined : durationMs(flags.budget);
  const { forging } = await selftestTarget({
    config,
    configFile: file,
    seed: flags.seed ?? 1,
    ...(budgetMs !== undefined && { budgetMs }),
    out: flags.out,
    command: `onceproof selftest --target ${basename(file)}`,
    signal: terminal.interruption(),
    progress: terminal.progress,
    say: flags.json ? terminal.complain : terminal.print,
    colour: terminal.colour && !flags.json,
  });
  if (flags.json) terminal.print(JSON.stringify(forging, null, 2));
  terminal.exit(CODES[forging.result]);
}

function refuseBeside(flags: SelftestFlags, names: readonly (keyof SelftestFlags)[], why: string): void {
  const given = names.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  const field = `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw usageError('flag', why, { field, expected: 'no such flag here' });
}

function waysOf({ scenario, faults, all }: SelftestFlags): readonly AskedWay[] | undefined {
  if (scenario !== undefined && all === true)
    throw usageError('flag', 'not beside --all', { field: '--scenario', expected: 'one of the two' });
  if (faults !== undefined && scenario === undefined)
    throw usageError('flag', 'needs scenarios', {
      field: '--faults',
      expected: '--scenario beside it: each defect names its own schedule',
      found: faults,
    });
  return scenario?.map((name) => (name === 'sweep' ? name : { scenario: name, faults: faults ?? 'light' }));
}

function namesIn(list: string): readonly string[] {
  return list.split(',').map((name) => name.trim());
}

/** What stands in the report: whoever reads it can ask for the same. */
function commandText({ all, seeds, only, scenario, faults, budget }: SelftestFlags): string {
  return [
    'onceproof selftest',
    ...(all === true ? ['--all'] : []),
    ...(seeds === undefined ? [] : [`--seeds ${seeds}`]),
    ...(only === undefined ? [] : [`--only ${only.join(',')}`]),
    ...(scenario === undefined ? [] : [`--scenario ${scenario.join(',')}`]),
    ...(faults === undefined ? [] : [`--faults ${faults}`]),
    ...(budget === undefined ? [] : [`--budget ${budget}`]),
  ].join(' ');
}
