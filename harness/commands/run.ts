/** `onceproof run`: scenarios, in sequence. */

import { Command } from 'commander';
import { BALANCERS, type Balancer } from '../environment/balancer.ts';
import { SCHEDULE_NOTES, SCHEDULES } from '../faults/profiles.ts';
import { PLAYED_PROFILES, PROFILE_NAMES, type ProfileName } from '../model/contract.ts';
import { CLIENTS, KEY_SHAPES, RUN_LIMITS } from '../plan/plan.ts';
import { DEFAULT_REPORTS, REPORT_KINDS, type ReportKind } from '../report/kinds.ts';
import type { SuiteResult } from '../runs/suite.ts';
import { baselineOf, baselineOption, exitOf } from './baseline.ts';
import { configOf } from './config-file.ts';
import { duration, hosts, listOf, nameText, oneOf, segmentText, wholeNumber, wordOrUrl } from './options.ts';
import { EXIT, type CommandOf, type Terminal } from './terminal.ts';

interface RunFlags {
  readonly target?: string;
  readonly faults: string;
  readonly engine: 'auto' | 'embedded' | 'k6';
  readonly proxy: string;
  readonly store: string;
  readonly lb?: Balancer;
  readonly replicas?: number;
  readonly profile?: ProfileName;
  readonly defect?: string;
  readonly client: (typeof CLIENTS)[number];
  readonly keyShape: (typeof KEY_SHAPES)[number];
  readonly seed: number;
  readonly runId?: string;
  readonly duration?: string;
  readonly maxTime?: string;
  readonly maxStall?: string;
  readonly budget?: string;
  readonly vus?: number;
  readonly rate?: number;
  readonly intents?: number;
  readonly segment?: string;
  readonly allowHost?: readonly string[];
  readonly out: string;
  readonly report: readonly ReportKind[];
  readonly baseline?: string;
  readonly json?: boolean;
}

export const runCommand: CommandOf = (terminal) =>
  new Command('run')
    .description('run scenarios, judge, report (default: every scenario, in sequence)')
    .argument('[scenario...]', 'names of scenarios, or paths of scripts')
    .option(
      '--target <file>',
      'config of the endpoint (default: onceproof.config.ts, else the bundled reference server)',
    )
    .option('--faults <name|file>', 'a schedule (see below), a schedule file, or a plan.json', 'light')
    .option('--engine <name>', 'auto, embedded, k6', oneOf('--engine', ['auto', 'embedded', 'k6']), 'auto')
    .option(
      '--proxy <name|url>',
      'auto, embedded, toxiproxy, or the URL of a Toxiproxy',
      wordOrUrl('--proxy', ['auto', 'embedded', 'toxiproxy'], ['http:']),
      'auto',
    )
    .option(
      '--store <name|url>',
      'auto, memory, redis, or redis://host:port',
      wordOrUrl('--store', ['auto', 'memory', 'redis'], ['redis:', 'rediss:']),
      'auto',
    )
    .option(
      '--lb <name>',
      'load balancer before the replicas: none, nginx, nginx-non-idempotent (repeats POSTs)',
      oneOf('--lb', BALANCERS),
    )
    .option(
      '--replicas <n>',
      'replicas of the reference server (default 2)',
      wholeNumber('--replicas', 1, RUN_LIMITS.replicas),
    )
    .option(
      '--profile <name>',
      `contract profile of the reference server: ${PLAYED_PROFILES.join(', ')}`,
      oneOf('--profile', PROFILE_NAMES),
    )
    .option('--defect <name>', 'a named wrong edition of the reference server (see: serve --list-defects)')
    .option('--client <policy>', 'client policy: seed, seed-literal', oneOf('--client', CLIENTS), 'seed')
    .option(
      '--key-shape <shape>',
      'shape of the keys: uuid, composite',
      oneOf('--key-shape', KEY_SHAPES),
      'uuid',
    )
    .option('--seed <n>', 'seed of every decision', wholeNumber('--seed', 0), 1)
    .option('--run-id <id>', 'name of this run (default: a new one)', nameText('--run-id'))
    .option(
      '--duration <time>',
      'run for a time instead of a number of iterations, e.g. 30s',
      duration('--duration'),
    )
    .option(
      '--max-time <time>',
      'end each scenario after this time at the latest, settling included (default: from the plan)',
      duration('--max-time'),
    )
    .option(
      '--max-stall <time>',
      'end a script that does not give its thread back for so long (embedded engine; default 30s)',
      duration('--max-stall'),
    )
    .option(
      '--budget <time>',
      'run the scenarios that find most a second, as many as fit into this time, e.g. 5m; those left out are named',
      duration('--budget'),
    )
    .option('--vus <n>', 'virtual users', wholeNumber('--vus', 1, RUN_LIMITS.vus))
    .option(
      '--rate <n>',
      'iterations started per second (open model; needs --duration)',
      wholeNumber('--rate', 1, RUN_LIMITS.rate),
    )
    .option(
      '--intents <n>',
      'iterations; each owns one customer',
      wholeNumber('--intents', 1, RUN_LIMITS.intents),
    )
    .option(
      '--segment <i/n>',
      'part of a run that n processes make together, e.g. 1/4 (give all one --run-id and --seed; judge with check)',
      segmentText,
    )
    .option(
      '--allow-host <host>',
      'host or host:port that may be sent requests beside those of the config (may be given several times)',
      hosts('--allow-host'),
    )
    .option('--out <dir>', 'where runs are kept', 'results')
    .option(
      '--report <kinds>',
      'html, junit, markdown, json, github, badge (comma list)',
      listOf('--report', REPORT_KINDS),
      [...DEFAULT_REPORTS],
    )
    .addOption(baselineOption())
    .option('--json', 'print the verdict as JSON, and nothing else, on stdout')
    .addHelpText('after', scheduleHelp)
    .action(async (scenarios: string[], flags: RunFlags) => {
      const { runSuite } = await import('../runs/run-suite.ts');
      const config = await configOf(flags.target, terminal.env, flags.allowHost);
      const baseline = await baselineOf(flags.baseline);
      const suite = await runSuite({
        ...flags,
        scenarios,
        ...config,
        ...(flags.allowHost && { allowHosts: flags.allowHost }),
        signal: terminal.interruption(),
        progress: terminal.progress,
        say: flags.json ? terminal.complain : terminal.print,
        colour: terminal.colour && !flags.json,
      });
      await tell(suite, flags.json === true, terminal);
      const say = flags.json ? terminal.complain : terminal.print;
      const verdicts = suite.runs.map(({ verdict }) => verdict);
      const code = await exitOf(verdicts, baseline, say);
      // What was not run, or could not be, is not excused by what was.
      const isWhole = suite.verdict !== 'unknown' && suite.harnessFailures.length === 0;
      const worst = suite.harnessFailures.length > 0 ? EXIT.harness : EXIT[suite.verdict];
      terminal.exit(isWhole ? code : worst);
    });

/** One line a schedule: what it does; the verdict of a right server under it. */
function scheduleHelp(): string {
  const lines = SCHEDULES.map((name) => `  ${name.padEnd(14)}${SCHEDULE_NOTES[name]}`);
  return `\nFault schedules (what; the verdict of a right server):\n${lines.join('\n')}`;
}

async function tell(suite: SuiteResult, isJson: boolean, { print, complain }: Terminal): Promise<void> {
  for (const failure of suite.harnessFailures) complain(`onceproof: ${failure.scenario}: ${failure.message}`);
  if (isJson) {
    const [only] = suite.runs;
    const isSingle = suite.runs.length === 1 && suite.harnessFailures.length === 0 && suite.left.length === 0;
    const verdict = suite.harnessFailures.length > 0 ? 'unknown' : suite.verdict;
    const shown =
      isSingle && only
        ? only.verdict
        : {
            verdict,
            runs: suite.runs.map((run) => run.verdict),
            ...(suite.left.length > 0 && { left: suite.left }),
          };
    print(JSON.stringify(shown, null, 2));
    return;
  }
  const { renderSuite } = await import('../report/terminal.ts');
  if (suite.runs.length > 1 || suite.left.length > 0)
    print(
      renderSuite(
        suite.runs.map(({ verdict, dir }) => ({ verdict, dir })),
        suite.indexFile,
        { left: suite.left },
      ),
    );
}
