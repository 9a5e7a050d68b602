/** What a selftest looks at, in the order in which it is taken: what says most comes first, so that a short time says most. */

import { RIGHT, wayName, type Cell, type DefectFacts, type Way } from '../model/detection.ts';

export interface Asked {
  readonly defects: readonly DefectFacts[];
  readonly seeds: readonly number[];
  /** These in the place of each defect's own way; a defect keeps its profile, store and replicas. */
  readonly ways?: readonly AskedWay[];
  /** Beside each defect's own way every scenario and a sweep. */
  readonly isWhole: boolean;
  /** Of the bundled scenarios; for `isWhole`. */
  readonly scenarios: readonly string[];
  /** Profiles that the right server can play, each a twin of its own; for `isWhole`. */
  readonly profiles: readonly string[];
  /** Whether a Redis can be started here. */
  readonly hasRedis: boolean;
}

/** `sweep`, or a scenario under a schedule. */
export type AskedWay = 'sweep' | { readonly scenario: string; readonly faults: string };

/** All cells, each once. Seed by seed: each defect on its own way, the right server on all of these, then all other ways. */
export function cellsOf(asked: Asked): readonly Cell[] {
  const cells = new Map<string, Cell>();
  const add = (subject: string, way: Way, seed: number) => {
    const cell = { subject, way, seed };
    cells.set(cellName(cell), cell);
  };
  for (const seed of asked.seeds) {
    for (const defect of asked.defects)
      for (const way of firstWays(defect, asked)) add(defect.name, way, seed);
    const firsts = asked.defects.flatMap((defect) => firstWays(defect, asked));
    for (const way of distinct(firsts)) add(RIGHT, way, seed);
  }
  if (!asked.isWhole) return [...cells.values()];
  for (const seed of asked.seeds) {
    for (const defect of asked.defects)
      for (const way of otherWays(defect.way, asked)) add(defect.name, way, seed);
    for (const way of twinWays(asked)) add(RIGHT, way, seed);
  }
  return [...cells.values()];
}

/** The same for the same cell. */
export function cellName({ subject, way, seed }: Cell): string {
  return `${subject} | ${wayName(way)}${way.intents === undefined ? '' : ` ${way.intents}`} | ${seed}`;
}

function firstWays({ way }: DefectFacts, { ways }: Asked): readonly Way[] {
  if (ways === undefined) return [way];
  const { store, replicas, profile } = way;
  return ways.map((one) =>
    one === 'sweep'
      ? { kind: 'sweep', store, replicas, profile }
      : { kind: 'run', ...one, store, replicas, profile },
  );
}

/** Every scenario under light faults, and a sweep: what finds it without being told how. */
function otherWays({ store, replicas, profile }: Way, asked: Asked): readonly Way[] {
  const common = { store, replicas, profile };
  return [
    ...asked.scenarios
      .filter((scenario) => scenario !== 'soak')
      .map((scenario): Way => ({ kind: 'run', scenario, faults: 'light', ...common })),
    { kind: 'sweep', ...common, store: asked.hasRedis ? 'redis' : store },
  ];
}

/** The right server under every profile, which is its near-miss twin: what one profile forbids another one wants. */
function twinWays(asked: Asked): readonly Way[] {
  return asked.profiles.flatMap((profile) =>
    otherWays({ kind: 'run', store: 'memory', replicas: 2, profile }, asked),
  );
}

function distinct(ways: readonly Way[]): readonly Way[] {
  return [...new Map(ways.map((way) => [cellName({ subject: '', way, seed: 0 }), way])).values()];
}
