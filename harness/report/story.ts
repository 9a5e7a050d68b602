/**
 * A violation (or a sample) told as a short story: what the customer wanted, what was sent, what was
 * answered, what the ledger shows. Terminal, HTML and Markdown tell the same one. Pure.
 */

import { moveText } from './clock-words.ts';
import { differencesOf } from './differences.ts';
import { standDoor, standText } from './stand-words.ts';
import {
  carriedOutOn,
  type ArrivalEvent,
  type CompleteEvent,
  type FaultEvent,
  type InvokeEvent,
} from '../history/events.ts';
import type { Dossier } from './dossier-draft.ts';
import { factsOf, type AttemptFacts, type DebitFacts, type Facts } from './facts.ts';
import { clipped, listed, number, plural, shortId, visible } from './format.ts';

export type Tone = 'sent' | 'wire' | 'lost' | 'ok' | 'fail' | 'info' | 'fault' | 'clock' | 'debit' | 'read';

export interface Step {
  /** ms since the epoch. */
  readonly at: number;
  /** ms since the first attempt. */
  readonly offsetMs: number;
  readonly tone: Tone;
  readonly text: string;
  readonly attempt?: string;
}

export interface Story {
  readonly wanted: string;
  readonly steps: readonly Step[];
  /** What was read back, one sentence each. */
  readonly ledger: readonly string[];
  readonly leftOutCount: number;
}

export function storyOf(dossier: Dossier, facts: Facts = factsOf(dossier)): Story {
  return {
    wanted: wantedText(facts),
    steps: stepsOf(facts),
    ledger: ledgerText(facts),
    leftOutCount: dossier.leftOutCount,
  };
}

/** `500 points for reward_67890, once`, by what was sent. */
export function wantedText({ attempts }: Facts): string {
  const wishes = new Map<string, { invoke: InvokeEvent; intents: Set<string> }>();
  for (const { invoke, isOther } of attempts) {
    if (isOther) continue;
    const name = `${invoke.customer}\n${invoke.reward}\n${invoke.points}`;
    const wish = wishes.get(name) ?? { invoke, intents: new Set<string>() };
    wish.intents.add(invoke.intent);
    wishes.set(name, wish);
  }
  const texts = [...wishes.values()].slice(0, 4).map(({ invoke, intents }) => {
    const times = intents.size === 1 ? 'once' : `${number(intents.size)} times`;
    return `${visible(invoke.reward)} for ${plural(invoke.points, 'point')}, ${times} (customer ${visible(invoke.customer)})`;
  });
  return texts.length === 0 ? 'not in the history' : texts.join('; ');
}

/** How an attempt ended, as its sender saw it. */
export function answerText(complete: CompleteEvent | undefined): string {
  if (!complete) return 'no answer until the run ended';
  const { status, code, redemption, balance, error } = complete;
  if (status === undefined || status === 0) return `no answer (${visible(error ?? 'connection lost')})`;
  if (complete.by === 'proxy') return `${status} by the proxy, not by the server`;
  const parts = [`${status}${code === undefined ? '' : ` ${visible(code)}`}`];
  if (redemption !== undefined) parts.push(`redemption ${shortId(visible(redemption), 28)}`);
  if (complete.replayed === true) parts.push('marked as a replay');
  if (balance !== undefined) parts.push(`balance ${number(balance)}`);
  if (complete.leaks?.length)
    parts.push(`holds ${listed(complete.leaks.map((leak) => clipped(visible(leak), 40)))}`);
  return parts.join(', ');
}

type NamedFault = Pick<FaultEvent, 'name' | 'target' | 'detail'>;

/** `crash after-debit on replica-1`, `lost-answer on hop`. */
export function faultText(fault: NamedFault & Partial<Pick<FaultEvent, 'phase'>>): string {
  const stand = standText({ phase: 'start', ...fault });
  if (stand !== undefined) return stand;
  return `${faultName(fault)} on ${visible(fault.target)}`;
}

/** A fault on single requests goes by the name of its rule, a crash by its point, any other by its own name. */
export function faultName({ name, detail }: NamedFault): string {
  const rule = detail?.['rule'];
  if (name.startsWith('http_') && typeof rule === 'string') return visible(rule);
  const point = detail?.['point'];
  const own = visible(name).replace(/^crash:/, 'crash ');
  return typeof point !== 'string' || own.includes(visible(point)) ? own : `${own} ${visible(point)}`;
}

/** On all the time, and told at each request that it hit. */
export function isRequestRule(fault: Pick<FaultEvent, 'name'>): boolean {
  return fault.name.startsWith('http_');
}

/** A crash, kill or pause: it is marked where it struck, other faults are windows. */
export function isStrike(event: Pick<FaultEvent, 'kind' | 'name'>): boolean {
  return event.kind === 'server' || event.kind === 'store' || /crash|kill|restart/i.test(event.name);
}

/** The steps that tell the most, in order: at most `limit`, with how many were left out before each. */
export function digest(
  steps: readonly Step[],
  limit: number,
): readonly { readonly step: Step; readonly skippedCount: number }[] {
  const ranked = steps.map((step, index) => ({ index, rank: rankOf(step, index, steps.length) }));
  const kept = ranked.toSorted((a, b) => a.rank - b.rank || a.index - b.index).slice(0, limit);
  const indexes = kept.map(({ index }) => index).toSorted((a, b) => a - b);
  return indexes.flatMap((index, place) => {
    const step = steps[index];
    return step ? [{ step, skippedCount: index - (indexes[place - 1] ?? -1) - 1 }] : [];
  });
}

/** The first two and the last, what was debited and what was answered 200 come before what was lost, refused or only sent. */
function rankOf(step: Step, index: number, count: number): number {
  if (index < 2 || index === count - 1) return 0;
  const order: readonly Tone[] = [
    'debit',
    'ok',
    'lost',
    'clock',
    'fault',
    'info',
    'fail',
    'sent',
    'read',
    'wire',
  ];
  return 1 + order.indexOf(step.tone);
}

function stepsOf(facts: Facts): Step[] {
  const steps: Omit<Step, 'offsetMs'>[] = [];
  const first = facts.attempts.find((attempt) => !attempt.isOther);
  for (const attempt of facts.attempts) steps.push(...attemptSteps(attempt, first));
  for (const stray of facts.strays) steps.push(wireStep('a request without attempt name', stray));
  for (const fault of facts.faults)
    if (isWithin(facts, fault.at) && (fault.phase === 'start' || isStrike(fault)))
      steps.push(faultStep(fault));
  for (const move of facts.clocks) steps.push({ at: move.event.at, tone: 'clock', text: moveText(move) });
  for (const debit of facts.debits)
    if (debit.isExact || isWithin(facts, debit.at)) steps.push(debitStep(debit));
  const startAt = first?.invoke.at ?? facts.startAt;
  return steps.toSorted((a, b) => a.at - b.at).map((step) => ({ ...step, offsetMs: step.at - startAt }));
}

function isWithin(facts: Facts, at: number): boolean {
  return at >= facts.startAt - 1 && at <= facts.endAt + 1;
}

function attemptSteps(attempt: AttemptFacts, first: AttemptFacts | undefined): Omit<Step, 'offsetMs'>[] {
  const { invoke, complete } = attempt;
  const name = attempt.isOther
    ? `other attempt ${visible(attempt.label)}`
    : `attempt ${visible(attempt.label)}`;
  const steps: Omit<Step, 'offsetMs'>[] = [
    {
      at: invoke.at,
      tone: 'sent',
      attempt: attempt.attempt,
      text: `${name} sent, ${differencesOf(attempt, first).join(', ')}`,
    },
  ];
  for (const arrival of attempt.arrivals) {
    steps.push(wireStep(arrival.copy === 0 ? name : `copy ${arrival.copy} of ${name}`, arrival));
    const answer = upstreamStep(arrival, complete, name);
    if (answer) steps.push(answer);
  }
  if (complete) {
    const text = `${name} ${verb(complete)} ${answerText(complete)}`;
    steps.push({ at: complete.at, tone: complete.outcome, attempt: attempt.attempt, text });
  }
  return steps;
}

function verb(complete: CompleteEvent): string {
  if (complete.status === undefined || complete.status === 0) return 'got';
  return complete.outcome === 'fail' ? 'refused:' : 'answered';
}

function wireStep(name: string, arrival: ArrivalEvent): Omit<Step, 'offsetMs'> {
  const to = arrival.upstream === undefined ? '' : `, on its way to ${visible(arrival.upstream)}`;
  const hits = carriedOutOn(arrival).map(visible);
  const faults = hits.length > 0 ? `, hit by ${listed(hits)}` : '';
  const step = { at: arrival.at, tone: 'wire' as const, text: `${name} reaches the hop${to}${faults}` };
  return arrival.attempt === undefined ? step : { ...step, attempt: arrival.attempt };
}

/** Only what the sender did not see itself is worth a line: an answer that was lost, or that a copy got. */
function upstreamStep(
  arrival: ArrivalEvent,
  complete: CompleteEvent | undefined,
  name: string,
): Omit<Step, 'offsetMs'> | undefined {
  const { endedAt, answer, upstream } = arrival;
  if (endedAt === undefined) return undefined;
  const who = visible(upstream ?? 'the server');
  const base = arrival.attempt === undefined ? {} : { attempt: arrival.attempt };
  if (answer === undefined) {
    return { ...base, at: endedAt, tone: 'info', text: `${who} gives no answer to ${name}` };
  }
  if (arrival.copy === 0 && complete?.status === answer) return undefined;
  const redemption =
    arrival.redemption === undefined ? '' : `, redemption ${shortId(visible(arrival.redemption), 28)}`;
  const replay = arrival.replayed === true ? ', marked as a replay' : '';
  const lost = arrival.copy === 0 ? '; the sender never sees it' : ' to the copy';
  return {
    ...base,
    at: endedAt,
    tone: arrival.copy === 0 ? 'lost' : 'wire',
    text: `${who} answers ${answer}${redemption}${replay}${lost}`,
  };
}

function faultStep(fault: FaultEvent): Omit<Step, 'offsetMs'> {
  if (fault.error !== undefined) {
    const text = `the ${faultName(fault)} of ${visible(fault.target)} was not carried out: ${visible(fault.error)}`;
    return { at: fault.at, tone: 'fault', text };
  }
  const text =
    fault.phase === 'end' && standDoor(fault) === undefined
      ? `${visible(fault.target)} is back after its ${faultName(fault)}`
      : faultText(fault);
  return { at: fault.at, tone: fault.phase === 'end' ? 'wire' : 'fault', text };
}

function debitStep(debit: DebitFacts): Omit<Step, 'offsetMs'> {
  const points = debit.points === undefined ? 'points' : plural(debit.points, 'point');
  const whose = debit.isOwn ? '' : ' (another intent)';
  const what = debit.source === 'ledger' ? `ledger: ${points} debited` : `list: redeemed for ${points}`;
  return {
    at: debit.at,
    tone: 'debit',
    text: `${what}, redemption ${shortId(visible(debit.redemption), 28)}${whose}`,
  };
}

function ledgerText(facts: Facts): string[] {
  const lines: string[] = [];
  const own = facts.debits.filter((debit) => debit.isOwn);
  const others = facts.debits.length - own.length;
  if (facts.debitsFrom !== undefined) {
    const what =
      facts.debitsFrom === 'ledger' ? plural(own.length, 'debit') : plural(own.length, 'redemption');
    const ids = own.slice(0, 6).map((debit) => debitText(debit));
    const rest = others === 0 ? '' : `; ${number(others)} of other intents`;
    lines.push(`${what} of this intent${ids.length === 0 ? '' : `: ${listed(ids)}`}${rest}`);
  }
  const { opening, closing } = facts;
  if (opening !== undefined && closing !== undefined)
    lines.push(
      `balance ${number(opening)} before, ${number(closing)} after: ${number(opening - closing)} points gone`,
    );
  else if (closing !== undefined) lines.push(`balance ${number(closing)} after`);
  if (lines.length === 0) lines.push('nothing was read back after these attempts');
  return lines;
}

function debitText(debit: DebitFacts): string {
  const points = debit.points === undefined ? '' : ` (${plural(debit.points, 'point')})`;
  return `${shortId(visible(debit.redemption), 28)}${points}`;
}
