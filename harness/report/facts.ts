/** What a dossier says, put in order: attempts with their answers and arrivals, debits, balances. Pure. */

import { movesOf, type ClockMove } from './clock-words.ts';
import { standOfName } from '../model/stand.ts';
import type {
  ArrivalEvent,
  CompleteEvent,
  FaultEvent,
  InvokeEvent,
  ObserveEvent,
} from '../history/events.ts';
import type { Dossier } from './dossier-draft.ts';

export interface AttemptFacts {
  readonly attempt: string;
  /** `1` in `rs-0-1.1`; with more than one intent in the dossier `rs-0-1.1` itself. */
  readonly label: string;
  readonly invoke: InvokeEvent;
  readonly complete?: CompleteEvent;
  /** In order of arrival. */
  readonly arrivals: readonly ArrivalEvent[];
  /** Of the same customer, but not of the dossier's intents. */
  readonly isOther: boolean;
}

export interface DebitFacts {
  readonly redemption: string;
  readonly points?: number;
  /** The ledger's own time, ms since the epoch; a customer's clock may have been moved. */
  readonly ledgerAt?: number;
  /** When it happened on the run's clock, as near as can be told. */
  readonly at: number;
  /** `at` is the ledger's; otherwise it follows from the attempt that made it or from the reading. */
  readonly isExact: boolean;
  readonly key?: string;
  readonly source: 'ledger' | 'list';
  /** Belongs to the dossier's intents. */
  readonly isOwn: boolean;
}

export interface Facts {
  readonly attempts: readonly AttemptFacts[];
  /** Arrivals that no attempt named. */
  readonly strays: readonly ArrivalEvent[];
  readonly debits: readonly DebitFacts[];
  /** Whether ledger or list was read after the attempts: without it, no debits means nothing. */
  readonly debitsFrom: 'ledger' | 'list' | undefined;
  readonly opening?: number;
  readonly closing?: number;
  readonly faults: readonly FaultEvent[];
  readonly clocks: readonly ClockMove[];
  readonly startAt: number;
  readonly endAt: number;
}

export function factsOf(dossier: Dossier): Facts {
  const attempts = attemptsOf(dossier);
  const times = timesOf(dossier);
  const startAt = times.length > 0 ? Math.min(...times) : 0;
  const endAt = times.length > 0 ? Math.max(...times) : 0;
  const otherTimes = dossier.others.map((event) => event.at).filter((time) => Number.isFinite(time));
  const reading = effectsReading(dossier);
  const facts = {
    attempts,
    strays: dossier.arrivals.filter((arrival) => arrival.attempt === undefined),
    debits: debitsOf(
      dossier,
      reading,
      attempts,
      Math.min(startAt, ...otherTimes),
      Math.max(endAt, ...otherTimes),
    ),
    debitsFrom: reading === undefined ? undefined : sourceOf(reading),
    faults: ownFaults(dossier),
    clocks: movesWithin(dossier, startAt, endAt),
    startAt,
    endAt,
  };
  const opening = balanceOf(dossier.observes, 'first', startAt);
  const closing = balanceOf(dossier.observes, 'last', startAt);
  return {
    ...facts,
    ...(opening === undefined ? {} : { opening }),
    ...(closing === undefined ? {} : { closing }),
  };
}

/** The last before the attempts, which says what they found, and those among them. */
function movesWithin({ clocks }: Dossier, startAt: number, endAt: number): readonly ClockMove[] {
  const moves = movesOf(clocks).filter(({ event }) => event.at <= endAt + 1);
  const first = moves.findLastIndex(({ event }) => event.at < startAt);
  return moves.slice(Math.max(0, first));
}

/** Stands come one after the other: those of other schedules are near in time, and have nothing to do with this one. */
function ownFaults({ faults, intents }: Dossier): readonly FaultEvent[] {
  const own = standOfName(intents[0] ?? '');
  const belongs = ({ detail }: FaultEvent): boolean => {
    const stand = detail?.['stand'] ?? detail?.['during'];
    return own === undefined || typeof stand !== 'string' || stand === own;
  };
  return faults.filter(belongs);
}

function attemptsOf(dossier: Dossier): AttemptFacts[] {
  const completes = new Map<string, CompleteEvent>();
  for (const complete of dossier.completes) completes.set(complete.attempt, complete);
  for (const other of dossier.others) if (other.type === 'complete') completes.set(other.attempt, other);
  const others = dossier.others.filter((event) => event.type === 'invoke');
  const own = dossier.invokes.map((invoke) => attemptFacts(dossier, invoke, completes, false));
  const rest = others.map((invoke) => attemptFacts(dossier, invoke, completes, true));
  return [...own, ...rest].toSorted((a, b) => a.invoke.at - b.invoke.at);
}

function attemptFacts(
  dossier: Dossier,
  invoke: InvokeEvent,
  completes: ReadonlyMap<string, CompleteEvent>,
  isOther: boolean,
): AttemptFacts {
  const arrivals = dossier.arrivals
    .filter((arrival) => arrival.attempt === invoke.attempt)
    .toSorted((a, b) => a.at - b.at);
  const isAlone = dossier.intents.length === 1 && !isOther;
  const label = isAlone ? invoke.attempt.slice(invoke.attempt.lastIndexOf('.') + 1) : invoke.attempt;
  const complete = completes.get(invoke.attempt);
  const facts = { attempt: invoke.attempt, label, invoke, arrivals, isOther };
  return complete ? { ...facts, complete } : facts;
}

function timesOf(dossier: Dossier): number[] {
  const times = [...dossier.invokes, ...dossier.completes].map((event) => event.at);
  for (const { at, endedAt } of dossier.arrivals) times.push(at, endedAt ?? at);
  return times.filter((time) => Number.isFinite(time));
}

type EffectsReading = Extract<ObserveEvent, { what: 'ledger' | 'redemptions' }>;

/** The last ledger, else the last list; a reading from before the attempts says nothing about them. */
function effectsReading(dossier: Dossier): EffectsReading | undefined {
  const from = dossier.invokes[0]?.at ?? -Infinity;
  const readings = dossier.observes.filter(
    (event): event is EffectsReading => isEffects(event) && event.until >= from,
  );
  return readings.findLast((event) => event.what === 'ledger') ?? readings.at(-1);
}

function isEffects(event: ObserveEvent): boolean {
  return event.what === 'ledger' || event.what === 'redemptions';
}

function sourceOf(reading: EffectsReading): 'ledger' | 'list' {
  return reading.what === 'ledger' ? 'ledger' : 'list';
}

function debitsOf(
  dossier: Dossier,
  reading: EffectsReading | undefined,
  attempts: readonly AttemptFacts[],
  startAt: number,
  endAt: number,
): DebitFacts[] {
  if (!reading) return [];
  const own = ownNames(dossier);
  if (reading.what === 'ledger') {
    const debits = reading.value.map((debit): DebitFacts => {
      const isExact = debit.at_ms >= startAt - 1 && debit.at_ms <= endAt + 1;
      const { redemption_id: redemption, points, idempotency_key: key, at_ms: ledgerAt } = debit;
      const names = [redemption, debit.client_redemption_id, key];
      const facts = {
        redemption,
        points,
        ledgerAt,
        at: isExact ? ledgerAt : placed(redemption, attempts, reading.at),
        isExact,
        source: 'ledger' as const,
        isOwn: names.some((name) => name !== undefined && own.has(name)),
      };
      return key === undefined ? facts : { ...facts, key };
    });
    return debits.toSorted((a, b) => a.at - b.at);
  }
  const before = listedBefore(dossier, startAt);
  const debits = reading.value
    .filter((item) => !before.has(item.redemption))
    .map((item): DebitFacts => {
      const { redemption, clientRedemptionId, points } = item;
      const facts = {
        redemption,
        at: placed(redemption, attempts, reading.at),
        isExact: false,
        source: 'list' as const,
        isOwn: own.has(redemption) || (clientRedemptionId !== undefined && own.has(clientRedemptionId)),
      };
      return points === undefined ? facts : { ...facts, points };
    });
  return debits.toSorted((a, b) => a.at - b.at);
}

function listedBefore(dossier: Dossier, startAt: number): ReadonlySet<string> {
  const opening = dossier.observes.find((event) => event.what === 'redemptions' && event.until <= startAt);
  return new Set(opening?.what === 'redemptions' ? opening.value.map((item) => item.redemption) : []);
}

/** Names by which a debit belongs to the dossier: own keys, client redemption ids, and redemptions that were answered. */
function ownNames(dossier: Dossier): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { key, clientRedemptionId } of dossier.invokes) {
    if (typeof key === 'string') names.add(key);
    if (clientRedemptionId !== undefined) names.add(clientRedemptionId);
  }
  for (const { redemption } of [...dossier.completes, ...dossier.arrivals])
    if (redemption !== undefined) names.add(redemption);
  return names;
}

/** When the attempt that was answered with this redemption was at work; else the time of the reading. */
function placed(redemption: string, attempts: readonly AttemptFacts[], readAt: number): number {
  for (const { arrivals, complete } of attempts) {
    const arrival = arrivals.find((one) => one.redemption === redemption && one.replayed !== true);
    if (arrival) return arrival.endedAt ?? arrival.at;
    if (complete?.redemption === redemption && complete.replayed !== true) return complete.at;
  }
  return readAt;
}

function balanceOf(
  observes: readonly ObserveEvent[],
  which: 'first' | 'last',
  startAt: number,
): number | undefined {
  const balances = observes.filter((event) => event.what === 'balance');
  const found =
    which === 'first'
      ? balances.find((event) => event.until <= startAt)
      : balances.findLast((event) => event.at >= startAt);
  return found?.value;
}
