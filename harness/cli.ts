#!/usr/bin/env node
/** The command line. The only file of the harness that reads arguments, prints and ends the process. */

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEDULE_NOTES, SCHEDULES } from './faults/profiles.ts';
import { HarnessError, usageError } from './base/errors.ts';
import { duration, listOf, nameText, oneOf, wholeNumber, wordOrUrl } from './commands/options.ts';
import { BALANCERS, CLIENTS, KEY_SHAPES, type Balancer } from './plan/plan.ts';
import { PLAYED_PROFILES, PROFILE_NAMES, type ProfileName } from './model/contract.ts';
import { packageRoot } from './base/program.ts';
import type { SuiteResult } from './runs/run.ts';
import { wantsColour } from './report/terminal.ts';

/** Exit codes: a promise to users. */
const EXIT = { valid: 0, invalid: 1, unknown: 2, harness: 3, usage: 4 } as const;
const REPLAY_EXIT = { fixed: EXIT.valid, reproduced: EXIT.invalid, 'not-reproduced': EXIT.unknown } as const;
const REPORT_KINDS = ['html', 'junit', 'markdown', 'json', 'github'] as const;

const print = (text: string) => process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
const complain = (text: string) => process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);

/** Ctrl-C once ends the work early and still judges; twice ends at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.harness);
    complain('interrupted: healing, settling and judging what there is (again to stop at once)');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

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
  readonly vus?: number;
  readonly rate?: number;
  readonly intents?: number;
  readonly out: string;
  readonly report: readonly (typeof REPORT_KINDS)[number][];
  readonly json?: boolean;
}

interface ReplayFlags {
  readonly tries: number;
  readonly target?: string;
  readonly store?: string;
  readonly out: string;
  readonly json?: boolean;
}

function runCommand(): Command {
  return new Command('run')
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
      wholeNumber('--replicas', 1, 16),
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
    .option('--vus <n>', 'virtual users', wholeNumber('--vus', 1, 10_000))
    .option(
      '--rate <n>',
      'iterations started per second (open model; needs --duration)',
      wholeNumber('--rate', 1, 100_000),
    )
    .option('--intents <n>', 'iterations; each owns one customer', wholeNumber('--intents', 1, 10_000_000))
    .option('--out <dir>', 'where runs are kept', 'results')
    .option(
      '--report <kinds>',
      'html, junit, markdown, json, github (comma list)',
      listOf('--report', REPORT_KINDS),
      [...REPORT_KINDS].slice(0, 4),
    )
    .option('--json', 'print the verdict as JSON, and nothing else, on stdout')
    .addHelpText('after', scheduleHelp)
    .action(async (scenarios: string[], flags: RunFlags) => {
      const { runSuite } = await import('./runs/run.ts');
      const config = await configOf(flags.target);
      const suite = await runSuite({
        ...flags,
        scenarios,
        ...config,
        signal: interruption(),
        progress: process.stderr,
        say: flags.json ? complain : print,
        colour: wantsColour(process.stdout, process.env) && !flags.json,
      });
      await tell(suite, flags.json === true);
      process.exitCode = suite.harnessFailures.length > 0 ? EXIT.harness : EXIT[suite.verdict];
    });
}

/** One line a schedule: what it does; the verdict of a right server under it. */
function scheduleHelp(): string {
  const lines = SCHEDULES.map((name) => `  ${name.padEnd(14)}${SCHEDULE_NOTES[name]}`);
  return `\nFault schedules (what; the verdict of a right server):\n${lines.join('\n')}`;
}

async function tell(suite: SuiteResult, isJson: boolean): Promise<void> {
  for (const failure of suite.harnessFailures) complain(`onceproof: ${failure.scenario}: ${failure.message}`);
  if (isJson) {
    const [only] = suite.runs;
    const isSingle = suite.runs.length === 1 && suite.harnessFailures.length === 0;
    const verdict = suite.harnessFailures.length > 0 ? 'unknown' : suite.verdict;
    const shown = isSingle && only ? only.verdict : { verdict, runs: suite.runs.map((run) => run.verdict) };
    print(JSON.stringify(shown, null, 2));
    return;
  }
  const { renderSuite } = await import('./report/terminal.ts');
  if (suite.runs.length > 1)
    print(
      renderSuite(
        suite.runs.map(({ verdict, dir }) => ({ verdict, dir })),
        suite.indexFile,
      ),
    );
}

/** A config with its path: the one that was named, else the one that lies here, else none. */
async function configOf(file: string | undefined) {
  const found =
    file ??
    ['onceproof.config.ts', 'onceproof.config.js', 'onceproof.config.mjs', 'onceproof.config.json'].find(
      (name) => existsSync(name),
    );
  if (found === undefined) return undefined;
  return { config: await configAt(found), configFile: found };
}

async function configAt(file: string) {
  if (!existsSync(file))
    throw usageError('config', 'no such file', { field: '--target', expected: 'a config file', found: file });
  const { loadConfig } = await import('./config/load.ts');
  return await loadConfig(file, { env: process.env });
}

function checkCommand(): Command {
  return new Command('check')
    .description('judge saved histories again, or those of many machines together')
    .argument('<history...>', 'history.ndjson files (or .gz) of one run')
    .option('--json', 'print the verdict as JSON, and nothing else, on stdout')
    .option(
      '--report <kinds>',
      'also write reports beside the first history',
      listOf('--report', REPORT_KINDS),
    )
    .action(
      async (
        histories: string[],
        flags: { json?: boolean; report?: readonly (typeof REPORT_KINDS)[number][] },
      ) => {
        const { judgeHistories } = await import('./runs/judge.ts');
        const { verdict, text } = await judgeHistories(histories, flags.report ?? []);
        print(flags.json ? JSON.stringify(verdict, null, 2) : text);
        process.exitCode = EXIT[verdict.verdict];
      },
    );
}

function replayCommand(): Command {
  return new Command('replay')
    .description("run a finished run's plan again: REPRODUCED (exit 1), NOT REPRODUCED (2) or FIXED (0)")
    .argument('<dir>', 'folder of an invalid run: results/<scenario>/<time>-<run id>, or results/latest')
    .option(
      '--tries <k>',
      'runs at most; the first that reproduces ends it',
      wholeNumber('--tries', 1, 1000),
      3,
    )
    .option('--target <file>', "config of the endpoint, instead of the plan's own")
    .option(
      '--store <url>',
      "store instead of the plan's own (a plan holds no password)",
      wordOrUrl('--store', ['memory', 'redis'], ['redis:', 'rediss:']),
    )
    .option('--out <dir>', 'where the new runs are kept', 'results')
    .option('--json', 'print the outcome as JSON, and nothing else, on stdout')
    .action(async (dir: string, flags: ReplayFlags) => {
      const { replay } = await import('./runs/replay.ts');
      const { shownPath } = await import('./report/run-folder.ts');
      const { renderReplayEnd, renderReplayStart, renderReplayTry } = await import('./report/replay.ts');
      const style = { colour: wantsColour(process.stdout, process.env) && !flags.json };
      const say = flags.json ? complain : print;
      const result = await replay({
        ...flags,
        dir,
        report: [...REPORT_KINDS].slice(0, 4),
        loadConfig: configAt,
        signal: interruption(),
        progress: process.stderr,
        onStart: (plan, wanted) => say(renderReplayStart(plan, wanted, style)),
        onTry: (done, number) => say(renderReplayTry({ ...done, dir: shownPath(done.dir) }, number, style)),
      });
      if (flags.json) print(JSON.stringify(result, null, 2));
      else print(renderReplayEnd(result, style));
      process.exitCode = REPLAY_EXIT[result.outcome];
    });
}

function auditCommand(): Command {
  return new Command('audit')
    .description(
      'settle and read back for histories that were made elsewhere (plain k6, many pods), then judge',
    )
    .argument('<history...>', 'NDJSON files that the scripts printed')
    .option('--target <file>', 'config of the endpoint')
    .option(
      '--base-url <url>',
      'base URL of a reference server, instead of a config',
      wordOrUrl('--base-url', [], ['http:', 'https:']),
    )
    .option('--token <token>', 'its token', process.env['TOKEN'] ?? '')
    .option('--hooks-url <url>', 'its test hooks, for the ledger', wordOrUrl('--hooks-url', [], ['http:']))
    .option('--hooks-token <token>', 'their token', process.env['HOOKS_TOKEN'] ?? '')
    .option('--profile <name>', 'contract profile', oneOf('--profile', PROFILE_NAMES), 'seed')
    .option('--scenario <name>', 'the scenario that made the histories', 'soak')
    .option('--settle <time>', 'how long an undecided intent is retried', duration('--settle'), '10s')
    .option('--out <dir>', 'where the joined history and the reports go', 'results')
    .option('--json', 'print the verdict as JSON, and nothing else, on stdout')
    .action(async (histories: string[], flags) => {
      const { auditHistories } = await import('./runs/judge.ts');
      const config = flags.target === undefined ? undefined : await configAt(flags.target);
      const { verdict, text } = await auditHistories(histories, { ...flags, ...(config && { config }) });
      print(flags.json ? JSON.stringify(verdict, null, 2) : text);
      process.exitCode = EXIT[verdict.verdict];
    });
}

function serveCommand(): Command {
  return new Command('serve')
    .description('the reference server alone')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <n>',
      'port of the first replica; the others follow',
      wholeNumber('--port', 0, 65_535),
      3000,
    )
    .option(
      '--replicas <n>',
      'replicas: processes on one Redis, or listeners over one memory store',
      wholeNumber('--replicas', 1, 16),
      1,
    )
    .option(
      '--store <name|url>',
      'memory, redis, or redis://host:port',
      wordOrUrl('--store', ['memory', 'redis'], ['redis:', 'rediss:']),
      'memory',
    )
    .option('--profile <name>', PLAYED_PROFILES.join(', '), oneOf('--profile', PROFILE_NAMES), 'seed')
    .option('--defect <name>', 'a named wrong edition')
    .option('--list-defects', 'print the wrong editions and end')
    .option(
      '--token <token>',
      'bearer token that may act for every customer (default: ONCEPROOF_TOKEN, else a new one that is printed)',
    )
    .option(
      '--hooks-port <n>',
      'port of the test hooks (off unless given)',
      wholeNumber('--hooks-port', 0, 65_535),
    )
    .option(
      '--hooks-token <token>',
      'token of the test hooks (default: ONCEPROOF_HOOKS_TOKEN, else a new one that is printed)',
    )
    .action(async (flags) => {
      const { serve, listDefects } = await import('./runs/serve.ts');
      if (flags.listDefects) {
        print(await listDefects());
        return;
      }
      process.exitCode = await serve({
        ...flags,
        token: flags.token ?? process.env['ONCEPROOF_TOKEN'],
        hooksToken: flags.hooksToken ?? process.env['ONCEPROOF_HOOKS_TOKEN'],
        signal: interruption(),
        say: print,
      });
    });
}

function proxyCommand(): Command {
  return new Command('proxy')
    .description('the Toxiproxy-compatible proxy alone')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port of its API', wholeNumber('--port', 0, 65_535), 8474)
    .option('--seed <n>', 'seed of toxicity and request-level decisions', wholeNumber('--seed', 0), 1)
    .option('--config <file>', 'JSON file of proxies to start with, as for POST /populate')
    .action(async (flags: { host: string; port: number; seed: number; config?: string }) => {
      const { startStandaloneProxy } = await import('./proxy/standalone.ts');
      const proxy = await startStandaloneProxy(flags);
      // Before it is told: whoever reads it may end us at once.
      const signal = interruption();
      print(`onceproof proxy: API on http://${proxy.host}:${proxy.port}, seed ${flags.seed}`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await proxy.close();
    });
}

function initCommand(): Command {
  return new Command('init')
    .description("write a commented config for one's own endpoint")
    .option('--force', 'overwrite one that is there')
    .action(async (flags: { force?: boolean }) => {
      const { initConfig } = await import('./runs/init.ts');
      const file = await initConfig({ dir: process.cwd(), force: flags.force === true });
      print(`wrote ${file}\nnext: fill it in, then: onceproof run --target ${file}`);
    });
}

function doctorCommand(): Command {
  return new Command('doctor')
    .description('what is installed here, and what `auto` would take')
    .action(async () => {
      const { doctor, renderDoctor } = await import('./runs/doctor.ts');
      print(renderDoctor(await doctor()));
    });
}

function program(): Command {
  const main = new Command('onceproof')
    .description('Proves, or disproves, that a redemption endpoint debits points exactly once per intent.')
    .version(version())
    .showHelpAfterError(false)
    .addHelpText(
      'after',
      '\nExit codes: 0 valid, 1 invalid, 2 unknown, 3 the harness could not work, 4 wrong usage or config.',
    );
  for (const command of [
    runCommand,
    checkCommand,
    auditCommand,
    replayCommand,
    serveCommand,
    proxyCommand,
    initCommand,
    doctorCommand,
  ]) {
    main.addCommand(command());
  }
  // Set on each command: commander does not hand these down to commands that were added.
  for (const command of [main, ...main.commands]) {
    command.exitOverride().configureOutput({ outputError: () => undefined });
  }
  return main;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof HarnessError) {
    complain(`onceproof: ${error.message}`);
    return error.kind === 'usage' ? EXIT.usage : EXIT.harness;
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.valid;
    const isHelp = error.code === 'commander.help';
    if (!isHelp)
      complain(
        `onceproof: ${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; see onceproof --help`,
      );
    return EXIT.usage;
  }
  complain(`onceproof: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.harness;
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(
    error instanceof InvalidArgumentError ? usageError('flag', error.message) : error,
  );
}
