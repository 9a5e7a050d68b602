/** Selftest on one's own endpoint: the same traffic once as it is and once with lies in it, through a hop that only rewrites. */

import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { now } from '../base/now.ts';
import { withoutSecrets, markupWithoutSecrets } from '../base/secrets.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { openStage } from '../environment/open-stage.ts';
import type { Stage } from '../environment/stage.ts';
import type { Forging, UnforgedRun } from '../model/forging.ts';
import type { Verdict } from '../model/verdict.ts';
import { renderForgingHtml } from '../report/forging-html.ts';
import { renderForging } from '../report/forging-terminal.ts';
import { runFolder, shownPath } from '../report/run-folder.ts';
import { resultOfAll, rulesOf, tallied, together, untold, type Tally } from '../selftest/alive.ts';
import { sorted } from '../selftest/forgeries.ts';
import { startForgingHop } from '../selftest/forging-hop.ts';
import type { Forgery } from '../selftest/forgery.ts';
import { Teller } from '../selftest/teller.ts';
import { runSuite } from './run-suite.ts';
import { runScenario } from './run.ts';
import { SELFTEST, type SelftestOptions } from './selftest.ts';
import type { SuiteOptions } from './suite.ts';

export interface SelftestTargetOptions extends Pick<
  SelftestOptions,
  'out' | 'command' | 'signal' | 'progress' | 'say' | 'colour' | 'budgetMs'
> {
  readonly config: ResolvedConfig;
  readonly configFile?: string;
  readonly seed: number;
}

export interface SelftestTargetResult {
  readonly forging: Forging;
  readonly dir: string;
}

/** Iterations of a run: each moment comes by several times, at customers with a lie and at some without. */
const INTENTS = 48;
/** A lie whose moment did not come by, or that its rule did not find where it was told, is told in so many runs at most. */
const ROUNDS = 3;

/** Throws what a preflight or a run throws. */
export async function selftestTarget(options: SelftestTargetOptions): Promise<SelftestTargetResult> {
  const { config, signal } = options;
  const dir = await runFolder(options.out, SELFTEST, randomBytes(4).toString('hex'));
  const startedAt = now();
  const stage = await openStage({
    config,
    proxy: 'embedded',
    store: 'auto',
    seed: options.seed,
    runId: randomBytes(4).toString('hex'),
    dir,
  });
  const teller = new Teller({
    target: config.target,
    contract: config.contract,
    isListed: !config.capabilities.provision,
  });
  const known = new Set(config.customers.map(({ id }) => id));
  const hop = await startForgingHop(stage.directUrls, config.target, teller, known).catch(
    async (error: unknown) => {
      await stage.close();
      throw error;
    },
  );
  const lied = configThrough(hop.urls, config, stage, teller, known);
  const scenarios = scenariosOf(config);
  const runs = join(dir, 'runs');
  const isOver = (): boolean =>
    signal.aborted || (options.budgetMs !== undefined && now() - startedAt > options.budgetMs);
  try {
    const honest = await honestRuns({ ...options, config: lied }, scenarios, runs);
    const unforged = honest.map(({ scenario, verdict }): UnforgedRun => {
      const why = verdict.violations[0]?.summary ?? verdict.reasons[0];
      return { scenario, verdict: verdict.verdict, ...(why !== undefined && { why }) };
    });
    const verdicts = honest.map(({ verdict }) => verdict);
    const isHonest = unforged.every(({ verdict }) => verdict === 'valid') && !isOver();
    const { tallies, strays, isWhole } = isHonest
      ? await liedRuns({ ...options, config: lied }, { teller, scenarios, runs, isOver })
      : { tallies: [], strays: [], isWhole: false };
    const rules = isHonest ? rulesOf(tallies, verdicts) : [];
    const forging: Forging = {
      schema: 1,
      result: resultOfAll(unforged, rules, strays, !isWhole),
      command: options.command,
      node: process.version,
      config: basename(config.file),
      startedAt,
      durationMs: now() - startedAt,
      unforged,
      rules,
      strays,
    };
    await writeFile(join(dir, 'selftest.json'), `${withoutSecrets(JSON.stringify(forging, null, 2))}\n`);
    await writeFile(join(dir, 'report.html'), markupWithoutSecrets(renderForgingHtml(forging)));
    if (forging.result === 'caught') await rm(runs, { recursive: true, force: true });
    options.say(renderForging(forging, { report: shownPath(dir), colour: options.colour }));
    return { forging, dir };
  } finally {
    await hop.close();
    await stage.close();
  }
}

/** Expiry needs a clock that can be set; without one its traffic is that of the others. */
function scenariosOf({ capabilities }: ResolvedConfig): readonly Forgery['scenario'][] {
  return capabilities.clock ? ['double-click', 'key-reuse', 'key-expiry'] : ['double-click', 'key-reuse'];
}

/** The same config, with the forging hop where the endpoint stands, and a ledger that is lied about, too. */
function configThrough(
  urls: readonly string[],
  config: ResolvedConfig,
  stage: Stage,
  teller: Teller,
  known: Set<string>,
): ResolvedConfig {
  const { provision, ledger, sign: _signed, ...hooks } = config.hooks;
  const { service: _ours, ...rest } = config;
  return {
    ...rest,
    target: { ...config.target, baseUrl: urls[0] ?? stage.target.baseUrl },
    baseUrls: urls,
    // Certificates, HTTP proxy and signatures lie behind the hop: the stage that was opened before goes that way.
    reach: {},
    stores: [],
    allowedHosts: [...config.allowedHosts, '127.0.0.1'],
    hooks: {
      ...hooks,
      ...(provision && {
        provision: async (asked) => {
          known.add(asked.customer);
          return await provision(asked);
        },
      }),
      ...(ledger && { ledger: async (asked) => teller.ledger(asked.customer, await ledger(asked)) }),
    },
  };
}

interface HonestRun {
  readonly scenario: string;
  readonly verdict: Verdict;
}

/** The truth, through the same hop: what is found here is the endpoint's or the config's. */
async function honestRuns(
  options: SelftestTargetOptions,
  scenarios: readonly string[],
  out: string,
): Promise<readonly HonestRun[]> {
  const suite = await runSuite({ ...suiteOptions(options, out), scenarios });
  const [failure] = suite.harnessFailures;
  if (failure !== undefined) throw new Error(`${failure.scenario}: ${failure.message}`);
  return suite.runs.map(({ verdict }) => ({ scenario: verdict.run.scenario, verdict }));
}

interface Lying {
  readonly teller: Teller;
  readonly scenarios: readonly string[];
  readonly runs: string;
  readonly isOver: () => boolean;
}

/** Each lie until its rule has found it, a few runs at most; all lies of one scenario in one run, each to customers of its own. */
async function liedRuns(options: SelftestTargetOptions, { teller, scenarios, runs, isOver }: Lying) {
  const { target, contract, limits } = options.config;
  const tallies = new Map<Forgery, Tally>();
  for (const { forgery, why } of sorted(target, contract, limits.readLagMs)) {
    const isPlayed = scenarios.includes(forgery.scenario);
    const reason = why ?? (isPlayed ? undefined : "the customer's clock cannot be set");
    tallies.set(forgery, untold(forgery, reason));
  }
  const strays: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const scenario of scenarios) {
      const open = [...tallies.values()]
        .filter(
          ({ forgery, why, fired }) => forgery.scenario === scenario && why === undefined && fired === 0,
        )
        .map(({ forgery }) => forgery);
      if (open.length === 0) continue;
      if (isOver()) return { tallies: [...tallies.values()], strays, isWhole: false };
      teller.want(open);
      options.progress.write(`${SELFTEST}: ${scenario} with ${open.length} lies\n`);
      const { verdict } = await runScenario(scenario, {
        ...suiteOptions(options, runs),
        scenarios: [scenario],
      });
      const liedTo = new Set([...teller.told.values()].flat());
      for (const [forgery, customers] of teller.told)
        tallies.set(
          forgery,
          together(tallies.get(forgery) ?? untold(forgery), tallied(forgery, customers, verdict)),
        );
      for (const { rule, customer, summary } of verdict.violations)
        if (customer !== undefined && !liedTo.has(customer) && !namesOneOf(liedTo, summary))
          strays.push(`${scenario}: ${rule} at ${customer}: ${summary}`);
    }
  }
  teller.want([]);
  return { tallies: [...tallies.values()], strays, isWhole: !options.signal.aborted };
}

/** Who is named in somebody else's answer has a part in that lie. */
function namesOneOf(customers: ReadonlySet<string>, text: string): boolean {
  return [...customers].some((customer) => text.includes(customer));
}

function suiteOptions(options: SelftestTargetOptions, out: string): SuiteOptions {
  const { config, configFile, seed, signal, progress } = options;
  return {
    scenarios: [],
    config,
    ...(configFile !== undefined && { configFile }),
    faults: 'none',
    engine: 'embedded',
    proxy: 'embedded',
    store: 'auto',
    client: 'seed',
    keyShape: 'uuid',
    seed,
    intents: INTENTS,
    out,
    report: [],
    signal,
    progress,
    say: () => {},
    colour: false,
  };
}
