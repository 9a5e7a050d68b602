/**
 * The lane diagram of a dossier as a drawing in plain data: client, hop, each replica, ledger; time to the right.
 * Long waits are drawn shorter than they were, so that what happened in a millisecond can be seen beside a
 * back-off of a second: the order is true, the distances are not. Pure; lanes-svg.ts turns it into SVG.
 */

import { carriedOutOn, type ArrivalEvent, type CompleteEvent, type FaultEvent } from '../history/events.ts';
import type { AttemptFacts, DebitFacts, Facts } from './facts.ts';
import { moveLabel, moveText } from './clock-words.ts';
import { differencesOf, keyText } from './differences.ts';
import { duration, number, offset, plural, shortId, visible } from './format.ts';
import {
  CLIENT,
  CLOCK,
  FAULTS,
  HOP,
  laneNames,
  LEDGER,
  MAX_LANES,
  OTHER_REPLICAS,
  replicaLane,
  sameReplica,
  upstreamsOf,
} from './lane-names.ts';
import {
  above,
  at,
  below,
  Canvas,
  within,
  type Anchor,
  type Lane,
  type LaneDrawing,
  type Placed,
} from './lanes-canvas.ts';
import { timeScale, type TimeScale } from './lanes-scale.ts';
import { standDoor, standLabel } from './stand-words.ts';
import { answerText, faultName, faultText, isRequestRule, isStrike } from './story.ts';

const MAX_FAULT_ROWS = 6;

export function lanesOf(facts: Facts): LaneDrawing {
  return new Drawing(facts).result();
}

class Drawing {
  readonly #facts: Facts;
  readonly #scale: TimeScale;
  readonly #canvas: Canvas;
  readonly #names: readonly { readonly name: string; readonly kind: Lane['kind'] }[];
  readonly #upstreams: readonly string[];
  readonly #first: AttemptFacts | undefined;

  constructor(facts: Facts) {
    this.#facts = facts;
    this.#first = facts.attempts.find(({ isOther }) => !isOther);
    this.#upstreams = upstreamsOf(facts);
    this.#scale = timeScale(timesOf(facts), facts.startAt);
    this.#names = laneNames(facts, this.#upstreams);
    this.#canvas = new Canvas(this.#scale, this.#names);
  }

  result(): LaneDrawing {
    for (const attempt of this.#facts.attempts) this.#drawAttempt(attempt);
    for (const stray of this.#facts.strays) this.#drawArrival(stray);
    this.#drawFaults();
    this.#drawClocks();
    for (const debit of this.#facts.debits) this.#drawDebit(debit);
    return this.#canvas.placed();
  }

  #drawAttempt(attempt: AttemptFacts): void {
    const { invoke, complete, label, isOther } = attempt;
    const until = complete?.at ?? this.#facts.endAt;
    const bar = this.#canvas.add({
      lane: CLIENT,
      shape: 'bar',
      tone: isOther ? 'other' : (complete?.outcome ?? 'info'),
      time: invoke.at,
      until,
      label: `${visible(label)} → ${shortAnswer(complete)}`,
      detail: `${this.#offset(invoke.at)} attempt ${visible(invoke.attempt)}, ${differencesOf(attempt, this.#first).join(', ')}: ${answerText(complete)}${complete ? ` after ${duration(complete.at - invoke.at)}` : ''}`,
      ...(complete ? {} : { isOpen: true }),
    });
    const sent: readonly [number, Anchor] = [bar.x, below(bar)];
    let origin = sent;
    for (const arrival of attempt.arrivals) {
      const mark = this.#drawArrival(arrival, attempt, bar, arrival.copy === 0 ? sent : origin);
      // Copies are made by the hop: they come from the request, not from the client.
      if (arrival.copy === 0) origin = [mark.x, at(mark)];
    }
  }

  /** Its mark at the hop; `from` is where it comes from. */
  #drawArrival(
    arrival: ArrivalEvent,
    attempt?: AttemptFacts,
    bar?: Placed,
    from?: readonly [number, Anchor],
  ): Placed {
    const name = attempt ? `attempt ${visible(attempt.label)}` : 'a request without attempt name';
    const short = attempt ? visible(attempt.label) : '?';
    const faults = carriedOutOn(arrival).map((fault) =>
      visible(fault)
        .replace(/^http_/, '')
        .replaceAll('_', ' '),
    );
    const isCopy = arrival.copy > 0;
    const mark = this.#canvas.add({
      lane: HOP,
      shape: isCopy ? 'copy' : 'arrival',
      tone: faults.length > 0 ? 'fault' : 'wire',
      time: arrival.at,
      label: [isCopy ? `${short} copy ${arrival.copy}` : short, ...faults].join(', '),
      detail: `${this.#offset(arrival.at)} ${isCopy ? `copy ${arrival.copy} of ${name}` : name} at the hop${arrival.upstream === undefined ? '' : `, to ${visible(arrival.upstream)}`}${faults.length === 0 ? '' : `; faults on it: ${faults.join(', ')}`}`,
    });
    if (from) this.#canvas.arrow(from, [mark.x, at(mark)], 'request');
    if (arrival.upstream === undefined) return mark;
    const work = this.#drawWork(arrival, name, short, isCopy);
    this.#canvas.arrow([mark.x, at(mark)], [work.x, above(work)], 'request');
    this.#drawAnswer(arrival, attempt?.complete, bar, mark, work, isCopy);
    return mark;
  }

  #drawWork(arrival: ArrivalEvent, name: string, short: string, isCopy: boolean): Placed {
    const { answer, endedAt, redemption, replayed } = arrival;
    const what = answer === undefined ? 'no answer' : String(answer);
    const whose = isCopy ? `${short} copy` : short;
    const more = `${redemption === undefined ? '' : `, redemption ${visible(redemption)}`}${replayed === true ? ', a replay' : ''}`;
    return this.#canvas.add({
      lane: this.#laneOf(arrival.upstream ?? ''),
      shape: 'bar',
      tone: answer === undefined ? 'info' : answer < 300 ? 'ok' : answer < 500 ? 'fail' : 'info',
      time: arrival.at,
      until: endedAt ?? this.#facts.endAt,
      label: `${whose}: ${what}${replayed === true ? ' replay' : ''}`,
      detail: `${this.#offset(arrival.at)} ${visible(arrival.upstream ?? '')} works on ${isCopy ? `a copy of ${name}` : name}: ${what}${more}${endedAt === undefined ? '' : ` after ${duration(endedAt - arrival.at)}`}`,
      ...(endedAt === undefined ? { isOpen: true } : {}),
    });
  }

  #drawAnswer(
    arrival: ArrivalEvent,
    complete: CompleteEvent | undefined,
    bar: Placed | undefined,
    mark: Placed,
    work: Placed,
    isCopy: boolean,
  ): void {
    const { answer, endedAt } = arrival;
    if (answer === undefined || endedAt === undefined || isCopy) return;
    const isDelivered = complete?.status === answer && complete.by === 'server';
    if (isDelivered && bar) {
      this.#canvas.arrow([work.x + work.width, above(work)], [bar.x + bar.width, below(bar)], 'answer');
      return;
    }
    const lost = this.#canvas.add({
      lane: HOP,
      shape: 'lost',
      tone: 'fault',
      time: endedAt,
      label: 'answer lost',
      detail: `${this.#offset(endedAt)} the ${answer} of ${visible(arrival.upstream ?? 'the server')} never reached its sender (it came to the hop as ${mark.label})`,
    });
    this.#canvas.arrow([work.x + work.width, above(work)], [lost.x, at(lost)], 'lost');
  }

  #drawDebit(debit: DebitFacts): void {
    const { points, redemption, isOwn, isExact, source } = debit;
    if (!isOwn && !isExact && !this.#isWithin(debit.at)) return;
    const amount = points === undefined ? '' : `−${number(points)} `;
    const when = isExact
      ? `${this.#offset(debit.at)} `
      : debit.ledgerAt === undefined
        ? 'known from a later reading: '
        : `by the ledger's own clock ${new Date(debit.ledgerAt).toISOString()}: `;
    const item = this.#canvas.add({
      lane: LEDGER,
      shape: 'debit',
      tone: isOwn ? 'debit' : 'other',
      time: debit.at,
      label: `${amount}${shortId(visible(redemption), 14)}${isOwn ? '' : ' (other)'}`,
      detail: `${when}${source === 'ledger' ? 'debit of' : 'redemption for'} ${points === undefined ? 'points' : plural(points, 'point')}, redemption ${visible(redemption)}${debit.key === undefined ? '' : `, ${keyText(debit.key)}`}${isOwn ? '' : ', of another intent'}`,
    });
    const work = this.#workOf(debit);
    if (work) this.#canvas.arrow([item.x, within(work)], [item.x, at(item)], 'debit');
  }

  /** The replica's bar during which the debit was made. */
  #workOf(debit: DebitFacts): Placed | undefined {
    const x = this.#scale.x(debit.at);
    const bars = this.#canvas.items.filter(
      (item) => item.shape === 'bar' && this.#kindOf(item.lane) === 'replica',
    );
    const around = bars.filter((item) => item.x - 1 <= x && x <= item.x + item.width + 1);
    return (
      around.find((item) => item.detail.includes(debit.redemption) && !item.detail.includes('a replay')) ??
      around[0]
    );
  }

  #drawFaults(): void {
    const { faults, startAt, endAt } = this.#facts;
    const ends = new Map(faults.filter((fault) => fault.phase === 'end').map((fault) => [fault.id, fault]));
    const starts = faults.filter((fault) => fault.phase === 'start');
    for (const fault of starts) {
      const until = ends.get(fault.id)?.at;
      const isOver = until !== undefined && until < startAt;
      if (isOver || fault.at > endAt || isRequestRule(fault)) continue;
      if (isStrike(fault) && fault.at >= startAt && this.#drawStrike(fault, until)) continue;
      this.#drawWindow(fault, until);
    }
  }

  /** Each move on a lane of its own: it is what the attempts beneath it met. */
  #drawClocks(): void {
    const { clocks, startAt } = this.#facts;
    for (const move of clocks)
      this.#canvas.add({
        lane: CLOCK,
        shape: 'clock',
        tone: 'fault',
        time: Math.max(startAt, move.event.at),
        label: moveLabel(move),
        detail: `${this.#offset(move.event.at)} ${moveText(move)}`,
      });
  }

  #drawWindow(fault: FaultEvent, until: number | undefined): void {
    const { startAt, endAt } = this.#facts;
    const lane = standDoor(fault) ?? FAULTS;
    const count = this.#canvas.rowCount(lane);
    if (count === undefined || count >= MAX_FAULT_ROWS) return;
    this.#canvas.add({
      lane,
      shape: 'bar',
      tone: 'fault',
      time: Math.max(startAt, fault.at),
      until: Math.min(endAt, until ?? endAt),
      label: standDoor(fault) === undefined ? faultText(fault) : standLabel(fault),
      detail: `${this.#offset(fault.at)} ${faultText(fault)}${until === undefined ? ', still on at the end' : `, for ${duration(until - fault.at)}`}`,
      ...(until === undefined || until > endAt ? { isOpen: true } : {}),
    });
  }

  /** A crash is marked on the lane of the replica that it hit; false where no lane is known for it. */
  #drawStrike(fault: FaultEvent, until: number | undefined): boolean {
    const lane = this.#struckLane(fault);
    if (lane === undefined) return false;
    const over = this.#canvas.items.find(
      (item) => item.lane === lane && isStruck(item, this.#scale.x(fault.at)),
    );
    this.#canvas.add({
      ...(over ? { over } : {}),
      lane,
      shape: 'crash',
      tone: 'fault',
      time: fault.at,
      label: faultName(fault),
      detail: `${this.#offset(fault.at)} ${faultText(fault)}${until === undefined ? '' : `, down for ${duration(until - fault.at)}`}`,
    });
    return true;
  }

  #struckLane(fault: FaultEvent): string | undefined {
    const direct = this.#upstreams.find((upstream) => upstream === fault.target);
    const named = direct ?? this.#upstreams.find((upstream) => sameReplica(upstream, fault));
    if (named !== undefined) return this.#laneOf(named);
    const arrivals = this.#facts.attempts.flatMap((attempt) => attempt.arrivals);
    const hit = arrivals.find(
      (one) => one.answer === undefined && one.at <= fault.at && fault.at <= (one.endedAt ?? Infinity),
    );
    return fault.kind === 'server' && hit?.upstream !== undefined ? this.#laneOf(hit.upstream) : undefined;
  }

  #laneOf(upstream: string): string {
    const index = this.#upstreams.indexOf(upstream);
    return index >= 0 && index < MAX_LANES ? replicaLane(upstream) : OTHER_REPLICAS;
  }

  #kindOf(lane: string): Lane['kind'] | undefined {
    return this.#names.find((one) => one.name === lane)?.kind;
  }

  #isWithin(time: number): boolean {
    return time >= this.#facts.startAt - 1 && time <= this.#facts.endAt + 1;
  }

  #offset(time: number): string {
    return offset(time - this.#facts.startAt);
  }
}

/** A bar of a request that got no answer, at work at this x. */
function isStruck(item: Placed, x: number): boolean {
  return item.shape === 'bar' && item.tone === 'info' && item.x <= x && x <= item.x + item.width;
}

function timesOf(facts: Facts): number[] {
  const times = [facts.startAt, facts.endAt];
  for (const { invoke, complete, arrivals } of facts.attempts) {
    times.push(invoke.at);
    if (complete) times.push(complete.at);
    for (const arrival of arrivals) times.push(arrival.at, arrival.endedAt ?? arrival.at);
  }
  for (const stray of facts.strays) times.push(stray.at, stray.endedAt ?? stray.at);
  for (const debit of facts.debits) if (debit.isOwn || debit.isExact) times.push(debit.at);
  for (const { event } of facts.clocks) times.push(Math.max(facts.startAt, event.at));
  for (const fault of facts.faults)
    if (isStrike(fault) && fault.at >= facts.startAt && fault.at <= facts.endAt) times.push(fault.at);
  return times;
}

function shortAnswer(complete: CompleteEvent | undefined): string {
  if (!complete) return 'never answered';
  if (complete.status === undefined || complete.status === 0) return 'no answer';
  const proxy = complete.by === 'proxy' ? ' (proxy)' : '';
  return `${complete.status}${complete.replayed === true ? ' replay' : ''}${proxy}`;
}
