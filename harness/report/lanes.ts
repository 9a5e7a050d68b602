/**
 * The lane diagram of a dossier as a drawing in plain data: client, hop, each replica, ledger; time to the right.
 * Long waits are drawn shorter than they were, so that what happened in a millisecond can be seen beside a
 * back-off of a second: the order is true, the distances are not. Pure; lanes-svg.ts turns it into SVG.
 */

import { carriedOutOn, type ArrivalEvent, type CompleteEvent, type FaultEvent } from '../history/events.ts';
import type { AttemptFacts, DebitFacts, Facts } from './facts.ts';
import { moveLabel, moveText } from './clock-words.ts';
import { differencesOf, keyText } from './differences.ts';
import { clipped, duration, number, offset, plural, shortId, visible } from './format.ts';
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
  type NamedLane,
} from './lane-names.ts';
import { Rows, timeScale, type TimeScale } from './lanes-scale.ts';
import { standDoor, standLabel } from './stand-words.ts';
import { answerText, faultName, faultText, isRequestRule, isStrike } from './story.ts';

export type LaneTone = 'ok' | 'fail' | 'info' | 'fault' | 'debit' | 'other' | 'wire';

export interface Lane extends NamedLane {
  readonly y: number;
  readonly height: number;
}

/** Something to point at: a bar where it has a width, a mark where it has none. Texts are plain. */
export interface Item {
  readonly shape: 'bar' | 'arrival' | 'copy' | 'lost' | 'crash' | 'debit' | 'clock';
  readonly tone: LaneTone;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly label: string;
  /** Left end of the thing that the label stands beside (or in, for a bar). */
  readonly labelX: number;
  readonly detail: string;
  /** The bar goes on beyond what is drawn, or nobody knows when it ended. */
  readonly isOpen?: boolean;
}

export interface Arrow {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly kind: 'request' | 'answer' | 'lost' | 'debit';
}

export interface LaneDrawing {
  readonly width: number;
  readonly height: number;
  readonly lanes: readonly Lane[];
  readonly items: readonly Item[];
  readonly arrows: readonly Arrow[];
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
}

export const ROW_HEIGHT = 30;
export const AXIS_HEIGHT = 22;
const LANE_PADDING = 7;
/** Width of a character of a label, px: labels are packed so that none covers another. */
const CHARACTER = 6.4;
const MAX_FAULT_ROWS = 6;

export function lanesOf(facts: Facts): LaneDrawing {
  return new Drawing(facts).result();
}

/** Where an item stands before the lanes have their heights. */
type Placed = Omit<Item, 'y'> & {
  readonly lane: string;
  readonly row: number;
  readonly time: number;
  readonly right: number;
};

class Drawing {
  readonly #facts: Facts;
  readonly #scale: TimeScale;
  readonly #rows = new Map<string, Rows>();
  readonly #names: readonly { readonly name: string; readonly kind: Lane['kind'] }[];
  readonly #items: Placed[] = [];
  readonly #arrows: {
    from: readonly [number, Anchor];
    to: readonly [number, Anchor];
    kind: Arrow['kind'];
  }[] = [];
  readonly #upstreams: readonly string[];
  readonly #first: AttemptFacts | undefined;

  constructor(facts: Facts) {
    this.#facts = facts;
    this.#first = facts.attempts.find(({ isOther }) => !isOther);
    this.#upstreams = upstreamsOf(facts);
    this.#scale = timeScale(timesOf(facts), facts.startAt);
    this.#names = laneNames(facts, this.#upstreams);
    for (const { name } of this.#names) this.#rows.set(name, new Rows());
  }

  result(): LaneDrawing {
    for (const attempt of this.#facts.attempts) this.#drawAttempt(attempt);
    for (const stray of this.#facts.strays) this.#drawArrival(stray);
    this.#drawFaults();
    this.#drawClocks();
    for (const debit of this.#facts.debits) this.#drawDebit(debit);
    return this.#placed();
  }

  #add(
    item: Omit<Placed, 'row' | 'x' | 'width' | 'labelX' | 'right'> & {
      readonly until?: number;
      readonly over?: Placed;
    },
  ): Placed {
    const { until, over, ...rest } = item;
    const x = this.#scale.x(item.time);
    const width = item.shape === 'bar' ? Math.max(8, this.#scale.x(until ?? item.time) - x) : 0;
    const label = clipped(item.label, 34);
    const textWidth = (item.shape === 'bar' ? 10 : 14) + label.length * CHARACTER;
    const rows = this.#rows.get(item.lane);
    // A crash stands on the bar that it struck when there is room beside that bar for its label.
    const isOver = over !== undefined && rows?.isFree(over.row, over.right, over.right + textWidth) === true;
    const labelX = isOver ? over.right - 8 : x;
    const left = isOver ? over.right : item.shape === 'bar' ? x : x - 9;
    const right = Math.max(x + width, labelX + textWidth) + 8;
    const row = isOver ? over.row : (rows?.freeRow(left, right) ?? 0);
    rows?.takeIn(row, left, right);
    const placed = { ...rest, label, labelX, x, width, right, row };
    this.#items.push(placed);
    return placed;
  }

  #drawAttempt(attempt: AttemptFacts): void {
    const { invoke, complete, label, isOther } = attempt;
    const until = complete?.at ?? this.#facts.endAt;
    const bar = this.#add({
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
    const mark = this.#add({
      lane: HOP,
      shape: isCopy ? 'copy' : 'arrival',
      tone: faults.length > 0 ? 'fault' : 'wire',
      time: arrival.at,
      label: [isCopy ? `${short} copy ${arrival.copy}` : short, ...faults].join(', '),
      detail: `${this.#offset(arrival.at)} ${isCopy ? `copy ${arrival.copy} of ${name}` : name} at the hop${arrival.upstream === undefined ? '' : `, to ${visible(arrival.upstream)}`}${faults.length === 0 ? '' : `; faults on it: ${faults.join(', ')}`}`,
    });
    if (from) this.#arrow(from, [mark.x, at(mark)], 'request');
    if (arrival.upstream === undefined) return mark;
    const work = this.#drawWork(arrival, name, short, isCopy);
    this.#arrow([mark.x, at(mark)], [work.x, above(work)], 'request');
    this.#drawAnswer(arrival, attempt?.complete, bar, mark, work, isCopy);
    return mark;
  }

  #drawWork(arrival: ArrivalEvent, name: string, short: string, isCopy: boolean): Placed {
    const { answer, endedAt, redemption, replayed } = arrival;
    const what = answer === undefined ? 'no answer' : String(answer);
    const whose = isCopy ? `${short} copy` : short;
    const more = `${redemption === undefined ? '' : `, redemption ${visible(redemption)}`}${replayed === true ? ', a replay' : ''}`;
    return this.#add({
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
      this.#arrow([work.x + work.width, above(work)], [bar.x + bar.width, below(bar)], 'answer');
      return;
    }
    const lost = this.#add({
      lane: HOP,
      shape: 'lost',
      tone: 'fault',
      time: endedAt,
      label: 'answer lost',
      detail: `${this.#offset(endedAt)} the ${answer} of ${visible(arrival.upstream ?? 'the server')} never reached its sender (it came to the hop as ${mark.label})`,
    });
    this.#arrow([work.x + work.width, above(work)], [lost.x, at(lost)], 'lost');
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
    const item = this.#add({
      lane: LEDGER,
      shape: 'debit',
      tone: isOwn ? 'debit' : 'other',
      time: debit.at,
      label: `${amount}${shortId(visible(redemption), 14)}${isOwn ? '' : ' (other)'}`,
      detail: `${when}${source === 'ledger' ? 'debit of' : 'redemption for'} ${points === undefined ? 'points' : plural(points, 'point')}, redemption ${visible(redemption)}${debit.key === undefined ? '' : `, ${keyText(debit.key)}`}${isOwn ? '' : ', of another intent'}`,
    });
    const work = this.#workOf(debit);
    if (work) this.#arrow([item.x, within(work)], [item.x, at(item)], 'debit');
  }

  /** The replica's bar during which the debit was made. */
  #workOf(debit: DebitFacts): Placed | undefined {
    const x = this.#scale.x(debit.at);
    const bars = this.#items.filter((item) => item.shape === 'bar' && this.#kindOf(item.lane) === 'replica');
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
      this.#add({
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
    const rows = this.#rows.get(lane);
    if (!rows || rows.count >= MAX_FAULT_ROWS) return;
    this.#add({
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
    const over = this.#items.find((item) => item.lane === lane && isStruck(item, this.#scale.x(fault.at)));
    this.#add({
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

  #arrow(from: readonly [number, Anchor], to: readonly [number, Anchor], kind: Arrow['kind']): void {
    this.#arrows.push({ from, to, kind });
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

  #placed(): LaneDrawing {
    const lanes: Lane[] = [];
    let y = AXIS_HEIGHT;
    for (const { name, kind } of this.#names) {
      const rows = this.#rows.get(name)?.count ?? 0;
      if (rows === 0 && kind === 'fault') continue;
      const height = Math.max(1, rows) * ROW_HEIGHT + 2 * LANE_PADDING;
      lanes.push({ name, kind, y, height });
      y += height;
    }
    const tops = new Map(lanes.map((lane) => [lane.name, lane.y + LANE_PADDING]));
    const middle = (item: { readonly lane: string; readonly row: number }) =>
      (tops.get(item.lane) ?? 0) + (item.row + 0.5) * ROW_HEIGHT;
    const items = this.#items.map(({ lane, row, time: _time, right: _right, ...item }): Item => ({
      ...item,
      y: middle({ lane, row }),
    }));
    const arrows = this.#arrows.map(({ from, to, kind }): Arrow => {
      const point = ([x, anchor]: readonly [number, Anchor]) => [x, middle(anchor.item) + anchor.dy] as const;
      return { from: point(from), to: point(to), kind };
    });
    const ends = this.#items.map((item) =>
      Math.max(item.x + item.width, item.labelX + 14 + item.label.length * CHARACTER),
    );
    const width = Math.ceil(Math.max(this.#scale.width, ...ends) + 12);
    return { width, height: y + 4, lanes, items, arrows, ticks: this.#scale.ticks };
  }
}

/** A bar of a request that got no answer, at work at this x. */
function isStruck(item: Placed, x: number): boolean {
  return item.shape === 'bar' && item.tone === 'info' && item.x <= x && x <= item.x + item.width;
}

interface Anchor {
  readonly item: Placed;
  readonly dy: number;
}

const HALF_BAR = 10;
const at = (item: Placed): Anchor => ({ item, dy: 0 });
const within = at;
const above = (item: Placed): Anchor => ({ item, dy: -HALF_BAR });
const below = (item: Placed): Anchor => ({ item, dy: HALF_BAR });

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
