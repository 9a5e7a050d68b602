/** The plan of a sweep: which stands there are, and which of them are taken, chosen before the first request. Pure. */

import { usageError } from '../base/errors.ts';
import {
  standName,
  SWEEP_KINDS,
  type AskedStand,
  type Spot,
  type SweepFacts,
  type SweepKind,
  type SweepStand,
} from '../model/stand.ts';
import { ESTIMATE_MS, KIND_ORDER, KINDS_OF_OTHER_WAYS, KINDS_OF_RECOVERY, WAY_ORDER } from './sweep-order.ts';

/** What can be done at the endpoint; a kind that is not here is told as left. */
export interface SweepAbilities {
  /** Kinds that cannot be had, with the reason. */
  readonly missing: ReadonlyMap<SweepKind, string>;
}

export interface SweepQuestion extends SweepAbilities {
  readonly depth: 1 | 2;
  readonly ways: SweepFacts['ways'];
  /** The messages of the retry, by what was done to the first attempt. */
  readonly recoveries: readonly {
    readonly after: NonNullable<SweepStand['after']>;
    readonly messages: readonly Spot[];
  }[];
  /** These alone. */
  readonly only?: readonly AskedStand[];
  /** How long all of it may take by the estimates; absent: as long as it takes. ms */
  readonly budgetMs?: number;
}

/** Every stand that is known here, best first, and the first of them that fit into the budget (at least one). */
export function chooseStands(question: SweepQuestion): SweepFacts {
  const known = asked(knownStands(question), question);
  const stands: SweepStand[] = [];
  let spentMs = 0;
  for (const stand of known) {
    spentMs += ESTIMATE_MS[stand.kind] + (stand.after === undefined ? 0 : ESTIMATE_MS[stand.after.kind]);
    if (question.budgetMs !== undefined && stands.length > 0 && spentMs > question.budgetMs) break;
    stands.push({ ...stand, id: `s${stands.length + 1}` });
  }
  const left = SWEEP_KINDS.flatMap((kind) => {
    const why = question.missing.get(kind);
    return why === undefined ? [] : [{ kind, why }];
  });
  return { depth: question.depth, stands, known: known.length, left, ways: question.ways };
}

/** Those that were asked for, each of which must be known. */
function asked(known: readonly Known[], question: SweepQuestion): readonly Known[] {
  const { only } = question;
  if (only === undefined) return known;
  const names = new Set(known.map(standName));
  const missing = only.find((one) => !names.has(standName(one)));
  if (missing !== undefined) throw noSuchStand(missing, question);
  const wanted = new Set(only.map(standName));
  return known.filter((stand) => wanted.has(standName(stand)));
}

function noSuchStand(stand: AskedStand, { ways, recoveries, missing }: SweepQuestion): Error {
  const { kind, way, after } = stand;
  const messages =
    after === undefined
      ? ways.find((one) => one.way === way)?.messages
      : recoveries.find((one) => one.after.door === after.door && one.after.k === after.k)?.messages;
  return usageError('flag', missing.get(kind) ?? 'no such stand', {
    field: '--stand',
    expected: (messages ?? []).map((one) => `${one.door}:${one.k} (${one.name})`).join(', '),
    found: standName(stand),
  });
}

type Known = Omit<SweepStand, 'id'>;

function knownStands({ depth, ways, recoveries, missing, only }: SweepQuestion): readonly Known[] {
  const can = (kind: SweepKind): boolean => !missing.has(kind);
  const known: Known[] = [];
  for (const way of WAY_ORDER) {
    if (way === 'recovery') {
      // Without depth 2 only one disturbance stands for all: the one whose retry has most to do.
      const longest = recoveries.toSorted((a, b) => b.messages.length - a.messages.length)[0];
      const takesAll = depth === 2 || only !== undefined;
      const taken = takesAll ? recoveries : longest === undefined ? [] : [longest];
      for (const kind of KINDS_OF_RECOVERY.filter(can))
        for (const { after, messages } of taken)
          for (const spot of inOrder(messages)) known.push({ ...spot, kind, way, after });
      continue;
    }
    const messages = ways.find((one) => one.way === way)?.messages ?? [];
    const kinds = way === 'fresh' ? KIND_ORDER : KINDS_OF_OTHER_WAYS;
    for (const kind of kinds.filter(can))
      for (const spot of inOrder(messages)) known.push({ ...spot, kind, way });
  }
  return known;
}

/**
 * The last message first: what is written last is the record, and whoever stands right before it stands between it and all
 * that must not happen twice.
 */
function inOrder(messages: readonly Spot[]): readonly Spot[] {
  return messages.toReversed();
}
