/** `onceproof init`: a config, from a document, a command, answers or to fill in. */

import { Command } from 'commander';
import { usageError } from '../base/errors.ts';
import type { Draft } from '../describe/draft.ts';
import { hosts, oneOf, wordOrUrl } from './options.ts';
import { tellCheck } from './check-config.ts';
import type { CommandOf, Terminal } from './terminal.ts';

interface InitFlags {
  readonly force?: boolean;
  readonly openapi?: string;
  readonly operation?: string;
  readonly fromCurl?: string;
  readonly baseUrl?: string;
  readonly format: 'ts' | 'json' | 'yaml';
  readonly allowHost?: readonly string[];
  readonly check: boolean;
}

export const initCommand: CommandOf = (terminal) =>
  new Command('init')
    .description("write a config for one's own endpoint, and check it")
    .option(
      '--openapi <file>',
      'read it from an OpenAPI 3.0 or 3.1 document, JSON or YAML (a URL only with --allow-host)',
    )
    .option(
      '--operation <call>',
      'the call that redeems, e.g. "POST /v1/redemptions", where several could be it',
    )
    .option('--from-curl <command>', 'read it from a curl command that redeems')
    .option(
      '--base-url <url>',
      'where the endpoint is, instead of the first server of the document',
      wordOrUrl('--base-url', [], ['http:', 'https:']),
    )
    .option('--format <name>', 'ts, json, yaml', oneOf('--format', ['ts', 'json', 'yaml']), 'ts')
    .option(
      '--allow-host <host>',
      'host or host:port that the config allows, and from which a document may be read (may be given several times)',
      hosts('--allow-host'),
    )
    .option('--no-check', 'write the config and send nothing')
    .option('--force', 'overwrite one that is there')
    .action(async (flags: InitFlags) => {
      const described = await draftOf(flags, terminal);
      if (described === undefined) return await writeTemplate(flags, terminal);
      const { draft, env } = described;
      const { writeDraft } = await import('../runs/describe.ts');
      const allowed = flags.allowHost === undefined ? {} : { allowedHosts: flags.allowHost };
      const asked = { ...draft, baseUrl: flags.baseUrl ?? draft.baseUrl, ...allowed };
      const written = await seen(asked, env, flags, terminal);
      const place = { dir: process.cwd(), format: flags.format, force: flags.force === true };
      const file = await writeDraft(written, place);
      terminal.print(`wrote ${file}`);
      for (const line of written.open) terminal.print(`to do: ${line}`);
      const variables = Object.keys(env);
      if (variables.length > 0)
        terminal.print(
          `the config reads ${variables.join(', ')} from the environment: set them as in the command`,
        );
      if (!flags.check) return;
      await tellCheck({ ...terminal, env: { ...terminal.env, ...env } }, file, flags.allowHost);
    });

/** Of a command no answer is known: it is sent once, unless nothing is to be sent. */
async function seen(
  draft: Draft,
  env: Described['env'],
  { fromCurl, check }: InitFlags,
  terminal: Terminal,
): Promise<Draft> {
  if (fromCurl === undefined || !check) return draft;
  const { withSeenAnswer } = await import('../runs/seen-answer.ts');
  return await withSeenAnswer(draft, {
    env: { ...terminal.env, ...env },
    signal: terminal.interruption(),
  });
}

type Described = { readonly draft: Draft; readonly env: Readonly<Record<string, string>> };

async function draftOf(flags: InitFlags, { ask }: Terminal): Promise<Described | undefined> {
  const { openapi, fromCurl, operation, baseUrl, allowHost } = flags;
  if (openapi !== undefined && fromCurl !== undefined)
    throw usageError('flag', 'is one source too many', {
      field: '--from-curl',
      expected: '--openapi or --from-curl',
    });
  const describe = await import('../runs/describe.ts');
  if (fromCurl !== undefined) return describe.draftOfCurl(fromCurl);
  if (openapi !== undefined) {
    const asked = {
      ...(operation !== undefined && { operation }),
      ...(baseUrl !== undefined && { baseUrl }),
      ...(allowHost !== undefined && { allowHosts: allowHost }),
    };
    return { draft: await describe.draftOfDocument(openapi, asked), env: {} };
  }
  return ask === undefined ? undefined : { draft: await describe.draftOfAnswers(ask), env: {} };
}

async function writeTemplate({ force }: InitFlags, terminal: Terminal): Promise<void> {
  const { initConfig } = await import('../runs/init.ts');
  const file = await initConfig({ dir: process.cwd(), force: force === true });
  terminal.print(`wrote ${file}\nnext: fill it in, then: onceproof check-config ${file}`);
}
