/** The frame of every scenario: options, set-up, one customer's iteration from opening to judgement, and the summary. */
import exec from 'k6/execution';
import http from 'k6/http';
import type { Options } from 'k6/options';

import { uuidFrom } from '../../harness/model/decide.ts';
import { HISTORY_SCHEMA, NO_CAPABILITIES, type Capabilities } from '../../harness/history/events.ts';
import type { ClockReading } from '../../harness/model/common-clock.ts';
import { clockOfPart, ownSegment } from './clock.ts';
import { count, VIOLATIONS } from './counters.ts';
import { emit, now } from './events.ts';
import { keepConfirmed, readOpening } from './lag.ts';
import { askCapabilities, provision } from './hooks.ts';
import { judge } from './judge.ts';
import { keepPace } from './turns.ts';
import { readClosing } from './closing.ts';
import { readParty } from './reads.ts';
import { readSettings, type CustomerSetting, type Settings } from './settings.ts';
import type { Party, Reading, Story } from './story.ts';
import { summaryText, type SummaryData, type WantedMoment } from './summary.ts';
import type { MomentName } from './counters.ts';
import { replayLongAfter } from './ways/later.ts';
import { replayWinners } from './ways/winners.ts';

/** What a wanted moment needs to be reachable. */
export type Need = 'nothing' | 'proxy' | 'clock' | 'hooks';

/** The body of a scenario: what one iteration does with its customer. */
export interface Play {
  /** As the file is named. */
  readonly name: string;
  /** First part of its intents' ids: two letters. */
  readonly prefix: string;
  /** Points that a new customer is given. */
  readonly points: (settings: Settings) => number;
  readonly act: (story: Story) => Promise<void>;
  /** It moves its customer's clock: where all have one in common, one iteration comes after the other. */
  readonly movesClocks?: boolean;
  readonly wants: readonly { readonly moment: MomentName; readonly needs: Need }[];
}

export interface Load {
  /** Iterations, when neither DURATION nor RATE is given. */
  readonly intents: number;
  readonly vus: number;
  /** Runs for this long instead, where nothing else is given. */
  readonly duration?: string;
}

/** What setup hands to every iteration. */
export interface SetUp {
  readonly runId: string;
  readonly capabilities: Partial<Capabilities>;
}

/** The exports of a script. */
export interface Script {
  readonly options: Options;
  readonly setup: () => Promise<SetUp>;
  readonly iterate: (setUp: SetUp) => Promise<void>;
  readonly teardown: (setUp: SetUp) => void;
  readonly handleSummary: (data: SummaryData) => Record<string, string>;
}

/** Picks the play of an iteration; a soak mixes several. */
export type Casting = (
  settings: Settings,
  iteration: number,
) => { readonly play: Play; readonly prefix: string };

/** Makes a script of a play. Throws, in the init context, for settings that are missing or wrong. */
export function scriptOf(play: Play, load: Load, casting?: Casting): Script {
  const settings = readSettings(__ENV);
  // What the contract refuses is expected here; it is judged by content.
  http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }));
  const wanted = play.wants.map(({ moment, needs }) => wantedMoment(settings, moment, needs));
  const vus = mostVus(play, load, settings);
  return {
    options: optionsOf(play, load, settings, wanted),
    setup: () => setUp(play, settings),
    iterate: (data) => iterate(settings, vus, data, casting ?? (() => ({ play, prefix: play.prefix }))),
    teardown: () => {
      if (settings.standalone) emit({ type: 'end', at: now(), reason: 'finished', counts: {} });
    },
    handleSummary: (data) => ({ stdout: summaryText(play.name, data, wanted) }),
  };
}

function wantedMoment(settings: Settings, moment: MomentName, needs: Need): WantedMoment {
  const { hooks, hasFaultyHop, capabilities, standalone } = settings;
  if (!standalone) return { moment, isRequired: false, needs: 'left to the checker' };
  if (needs === 'proxy') return { moment, isRequired: hasFaultyHop, needs: 'needs PROXY_URL' };
  if (needs === 'clock') {
    const hasClock = hooks !== undefined && capabilities.clock !== false;
    return { moment, isRequired: hasClock, needs: 'needs HOOKS_URL with a clock' };
  }
  if (needs === 'hooks') return { moment, isRequired: hooks !== undefined, needs: 'needs HOOKS_URL' };
  return { moment, isRequired: false, needs: 'left to chance here' };
}

function optionsOf(play: Play, load: Load, settings: Settings, wanted: readonly WantedMoment[]): Options {
  const thresholds: Record<string, string[]> = {
    script_errors: ['count==0'],
    intents_completed: ['count>0'],
  };
  for (const violation of Object.keys(VIOLATIONS)) thresholds[violation] = ['count==0'];
  for (const { moment, isRequired } of wanted) if (isRequired) thresholds[moment] = ['count>0'];
  return { scenarios: { [play.name.replaceAll('-', '_')]: executorOf(play, load, settings) }, thresholds };
}

type Executor = NonNullable<Options['scenarios']>[string];

function executorOf(play: Play, load: Load, settings: Settings): Executor {
  const vus = vusOf(play, load, settings);
  if (settings.rate !== undefined) {
    return {
      executor: 'constant-arrival-rate',
      rate: settings.rate,
      timeUnit: '1s',
      duration: settings.duration ?? '30s',
      preAllocatedVUs: vus,
      maxVUs: mostVus(play, load, settings),
    };
  }
  const duration = settings.duration ?? (settings.intents === undefined ? load.duration : undefined);
  if (duration !== undefined) return { executor: 'constant-vus', vus, duration };
  const iterations = settings.intents ?? load.intents;
  return { executor: 'shared-iterations', vus: Math.min(vus, iterations), iterations };
}

/** A clock that all customers have in common can be moved for one of them at a time only. */
function isAlone({ movesClocks }: Play, { contract, hooks, capabilities }: Settings): boolean {
  const hasClock = hooks !== undefined && capabilities.clock !== false;
  return movesClocks === true && contract.clockScope === 'common' && hasClock;
}

/** How many VUs there are in the end: a rate that the endpoint does not keep up with calls for more. */
function mostVus(play: Play, load: Load, settings: Settings): number {
  const vus = vusOf(play, load, settings);
  if (settings.rate === undefined || settings.hooks === undefined || isAlone(play, settings)) return vus;
  return Math.min(vus * 10, settings.maxVus ?? Infinity);
}

/** Without hooks every VU needs a customer of its own. */
function vusOf(play: Play, load: Load, settings: Settings): number {
  if (isAlone(play, settings)) return 1;
  const { maxVus = Infinity } = settings;
  if (settings.vus !== undefined && settings.vus > maxVus) {
    throw new Error(`onceproof settings: VUS is ${settings.vus}, but MAX_VUS allows ${maxVus}`);
  }
  if (settings.hooks !== undefined) return Math.min(settings.vus ?? load.vus, maxVus);
  const limit = settings.customers.length;
  if (settings.vus !== undefined && settings.vus > limit) {
    throw new Error(
      `onceproof settings: VUS is ${settings.vus}, but CUSTOMERS names ${limit}: each VU needs a customer of its own`,
    );
  }
  return settings.vus ?? Math.min(load.vus, limit, maxVus);
}

async function setUp(play: Play, settings: Settings): Promise<SetUp> {
  try {
    return await prepared(play, settings);
  } catch (error) {
    // k6 has no exit code of its own for a setup that throws later than at once; an abort has one (108), and says why.
    exec.test.abort(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function prepared(play: Play, settings: Settings): Promise<SetUp> {
  const capabilities = await askCapabilities(settings);
  if (capabilities.provision !== true && settings.customers.length === 0) {
    throw new Error('onceproof settings: HOOKS_URL makes no customers, and CUSTOMERS is not given');
  }
  const lacks = play.wants.some(({ needs }) => needs === 'clock') && capabilities.clock === false;
  if (lacks && settings.hooks !== undefined && settings.capabilities.clock !== false) {
    throw new Error(
      'onceproof settings: HOOKS_URL has no clock; say so with -e CAPABILITIES={"clock":false}',
    );
  }
  const runId = settings.runId ?? uuidFrom('run', Date.now(), Math.random()).slice(0, 8);
  if (settings.standalone) emitRun(play, settings, runId, capabilities, await clockOfPart(settings));
  return { runId, capabilities };
}

function emitRun(
  play: Play,
  settings: Settings,
  runId: string,
  capabilities: Partial<Capabilities>,
  clock: ClockReading | undefined,
): void {
  const segment = ownSegment();
  const { target, contract, seed, client, hasFaultyHop } = settings;
  emit({
    type: 'run',
    schema: HISTORY_SCHEMA,
    runId,
    seed,
    scenario: play.name,
    engine: 'script',
    proxy: hasFaultyHop ? 'given' : 'none',
    store: 'unknown',
    contract,
    target: target.baseUrl,
    capabilities: {
      ...NO_CAPABILITIES,
      ...capabilities,
      balance: target.balance !== undefined,
      redemptions: target.redemptions !== undefined,
    },
    startedAt: now(),
    faults: { profile: hasFaultyHop ? 'given' : 'none', kinds: hasFaultyHop ? ['edge'] : [] },
    client,
    ...(segment === undefined ? {} : { segments: [segment] }),
    ...(clock === undefined ? {} : { clock }),
  });
}

async function iterate(
  settings: Settings,
  vus: number,
  { runId, capabilities }: SetUp,
  casting: Casting,
): Promise<void> {
  // Read before the first await: later it may be another iteration's.
  const iteration = exec.scenario.iterationInTest;
  const vu = exec.vu.idInTest;
  let story: Story | undefined;
  try {
    const { play, prefix } = casting(settings, iteration);
    const owner = await partyFor(settings, capabilities, `cust_${runId}_${prefix}${iteration}`, vu, play);
    story = {
      settings,
      contract: settings.contract,
      capabilities,
      runId,
      iteration,
      prefix,
      owner,
      parties: [owner],
      intents: [],
      hasMovedClock: false,
    };
    keepPace(story, vu, vus);
    owner.opening = await readOpening(story, owner);
    await play.act(story);
    await replayWinners(story);
    await replayLongAfter(story);
    const closings = new Map<string, Reading>();
    for (const party of story.parties) closings.set(party.id, await readClosing(story, party));
    judge(story, closings, count);
    keepConfirmed(story);
  } catch (error) {
    // k6 logs an exception and goes on with exit code 0: the counter is what fails the run. Thrown on, so that it is logged.
    count('script_errors');
    throw error;
  } finally {
    for (const party of story?.parties ?? []) emit({ type: 'retire', at: now(), customer: party.id });
  }
}

async function partyFor(
  settings: Settings,
  capabilities: Partial<Capabilities>,
  id: string,
  vu: number,
  play: Play,
): Promise<Party> {
  if (settings.hooks !== undefined && capabilities.provision === true) {
    return await madeParty(settings, id, play.points(settings));
  }
  const customer: CustomerSetting | undefined = settings.customers[(vu - 1) % settings.customers.length];
  if (customer === undefined) throw new Error('CUSTOMERS names nobody');
  const token = customer.token ?? settings.token ?? '';
  return { id: customer.id, token, isFresh: false, opening: {}, credits: 0 };
}

/** A customer of its own for this iteration. What it has at first is written down: not every target lets it be read. */
async function madeParty(settings: Settings, id: string, points: number): Promise<Party> {
  const token = await provision(settings, id, points);
  emit({ type: 'credit', at: now(), customer: id, points, made: true });
  return { id, token, isFresh: true, opening: {}, credits: 0 };
}

/** Another customer for this iteration, or undefined where none can be made. */
export async function anotherParty(story: Story, points: number): Promise<Party | undefined> {
  if (story.settings.hooks === undefined || story.capabilities.provision !== true) return undefined;
  // Not made from the owner's id, so that one is no part of the other in an answer.
  const id = `cust_${story.runId}_n${story.prefix}${story.iteration}`;
  const party = await madeParty(story.settings, id, points);
  story.parties.push(party);
  party.opening = await readParty(story, party);
  return party;
}
