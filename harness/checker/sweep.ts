/** How far a sweep came: from its run event and its fault events alone, never from what somebody says of it. */

import type { FaultEvent, RunEvent } from '../history/events.ts';
import {
  standOfName,
  type StandOutcome,
  type SweepFacts,
  type SweepKind,
  type SweepStand,
} from '../model/stand.ts';
import type { StandState, SweepSummary, Violation } from '../model/verdict.ts';

/** A stand that varied in so large a part of the chosen ones leaves the sweep unknown. */
const UNSTABLE_LIMIT = 0.1;
const OUTCOMES: ReadonlySet<unknown> = new Set<StandOutcome>(['held', 'serialised', 'queued']);

export class SweepLog {
  #facts: SweepFacts | undefined;
  readonly #outcomes = new Map<string, StandOutcome>();
  readonly #notMet = new Set<string>();

  run({ sweep }: RunEvent): void {
    this.#facts ??= sweep;
  }

  fault({ phase, detail, error }: FaultEvent): void {
    const stand = detail?.['stand'];
    if (this.#facts === undefined || typeof stand !== 'string' || phase !== 'end') return;
    if (detail?.['part'] !== 'stand') return;
    const outcome = detail['outcome'];
    if (isOutcome(outcome)) this.#outcomes.set(stand, outcome);
    else if (error !== undefined) this.#notMet.add(stand);
  }

  /** What was done at the stand that an intent or a customer is named for. */
  kindAt(subject: string): SweepKind | undefined {
    const id = this.#facts === undefined ? undefined : standOfName(subject);
    return id === undefined ? undefined : this.#facts?.stands.find((stand) => stand.id === id)?.kind;
  }

  /** Undefined for a run that is no sweep. */
  summary(violations: readonly Violation[]): SweepSummary | undefined {
    const facts = this.#facts;
    if (facts === undefined) return undefined;
    const broken = brokenStands(violations);
    const stands = facts.stands.map((stand) => {
      const rules = broken.get(stand.id);
      return { ...stand, state: this.#stateOf(stand), ...(rules !== undefined && { broken: rules }) };
    });
    const count = (...states: readonly StandState[]): number =>
      stands.filter(({ state }) => states.includes(state)).length;
    return {
      depth: facts.depth,
      chosen: stands.length,
      known: facts.known,
      met: count('held', 'serialised', 'queued'),
      serialised: count('serialised'),
      unstable: count('unstable'),
      unreached: count('unreached'),
      stands,
      ways: facts.ways,
      left: facts.left,
    };
  }

  #stateOf({ id }: SweepStand): StandState {
    return this.#outcomes.get(id) ?? (this.#notMet.has(id) ? 'unstable' : 'unreached');
  }
}

/** Why a sweep proves too little; none for one that met what it chose. */
export function sweepReasons({ chosen, met, unstable, unreached }: SweepSummary): string[] {
  if (chosen === 0) return ['no message was seen at which anybody could stand'];
  const reasons: string[] = [];
  if (met === 0) reasons.push('not one of the chosen stands was met');
  if (unreached > 0)
    reasons.push(
      `the sweep ended before ${unreached} of ${chosen} chosen stands: give it more time, or choose fewer by a smaller --budget`,
    );
  if (unstable > chosen * UNSTABLE_LIMIT)
    reasons.push(
      `${unstable} of ${chosen} chosen stands were not met in three tries each: the endpoint's way varies too much to be stood at`,
    );
  return reasons;
}

function brokenStands(violations: readonly Violation[]): ReadonlyMap<string, readonly string[]> {
  const broken = new Map<string, string[]>();
  for (const { rule, intent, customer } of violations) {
    const stand = standOfName(intent ?? '') ?? standOfName(customer ?? '');
    if (stand === undefined) continue;
    const rules = broken.get(stand) ?? [];
    if (!rules.includes(rule)) rules.push(rule);
    broken.set(stand, rules);
  }
  return broken;
}

function isOutcome(value: unknown): value is StandOutcome {
  return OUTCOMES.has(value);
}
