/** `onceproof replay`: the plan of a finished run again. */

import { Command } from 'commander';
import { DEFAULT_REPORTS } from '../report/kinds.ts';
import { configAt } from './config-file.ts';
import { hosts, wholeNumber, wordOrUrl } from './options.ts';
import { EXIT, type CommandOf } from './terminal.ts';

const REPLAY_EXIT = { fixed: EXIT.valid, reproduced: EXIT.invalid, 'not-reproduced': EXIT.unknown } as const;

interface ReplayFlags {
  readonly tries: number;
  readonly target?: string;
  readonly store?: string;
  readonly proxy?: string;
  readonly trust?: boolean;
  readonly allowHost?: readonly string[];
  readonly out: string;
  readonly json?: boolean;
}

export const replayCommand: CommandOf = (terminal) =>
  new Command('replay')
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
    .option(
      '--proxy <name|url>',
      "proxy instead of the plan's own: auto, embedded, toxiproxy, or the URL of a Toxiproxy",
      wordOrUrl('--proxy', ['auto', 'embedded', 'toxiproxy'], ['http:']),
    )
    .option(
      '--trust',
      'use the script, config, store and proxy that the plan names, although it was not written here',
    )
    .option(
      '--allow-host <host>',
      'host or host:port that may be sent requests beside those of the config (may be given several times)',
      hosts('--allow-host'),
    )
    .option('--out <dir>', 'where the new runs are kept', 'results')
    .option('--json', 'print the outcome as JSON, and nothing else, on stdout')
    .action(async (dir: string, flags: ReplayFlags) => {
      const { replay } = await import('../runs/replay.ts');
      const { shownPath } = await import('../report/run-folder.ts');
      const { renderReplayEnd, renderReplayStart, renderReplayTry } = await import('../report/replay.ts');
      const style = { colour: terminal.colour && !flags.json };
      const say = flags.json ? terminal.complain : terminal.print;
      const result = await replay({
        ...flags,
        dir,
        report: [...DEFAULT_REPORTS],
        loadConfig: (file) => configAt(file, terminal.env, flags.allowHost),
        ...(flags.allowHost && { allowHosts: flags.allowHost }),
        signal: terminal.interruption(),
        progress: terminal.progress,
        onStart: (plan, wanted) => say(renderReplayStart(plan, wanted, style)),
        onTry: (done, number) => say(renderReplayTry({ ...done, dir: shownPath(done.dir) }, number, style)),
      });
      if (flags.json) terminal.print(JSON.stringify(result, null, 2));
      else terminal.print(renderReplayEnd(result, style));
      terminal.exit(REPLAY_EXIT[result.outcome]);
    });
