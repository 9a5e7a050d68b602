/** plan.json of a finished run, read back: everything that a replay needs, checked once. */

import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Compile, Type } from '../base/schemas.ts';
import { PLACES, REQUEST_FAULTS, TIMED_ACTIONS } from '../faults/fault-rule.ts';
import { PERSISTENCES } from '../environment/persistence.ts';
import type { ResolvedSchedule } from '../faults/schedule.ts';
import { MAX_TIMED_FAULTS } from '../faults/timetable.ts';
import { usageError } from '../base/errors.ts';
import { isProfileName, PROFILE_NAMES } from '../model/contract.ts';
import { durationMs } from '../base/duration.ts';
import { CLIENTS, isScenarioName, KEY_SHAPES, RUN_LIMITS, SCENARIOS, type Plan } from './plan.ts';
import { BALANCERS } from '../environment/balancer.ts';

/** A plan with its schedule as the nemesis takes it. */
export type SavedPlan = Plan & { readonly faults: ResolvedSchedule };

const text = Type.String({ minLength: 1 });
const maybeText = Type.Optional(text);
const words = (list: readonly string[]) => Type.Union(list.map((word) => Type.Literal(word)));
const detail = Type.Record(Type.String(), Type.Unknown());
const kind = words(['edge', 'store-path', 'server', 'store', 'clock']);
const timeMs = Type.Number({ minimum: 0 });
const maybeCount = Type.Optional(Type.Integer({ minimum: 1, maximum: RUN_LIMITS.intents }));
/** No fault is planned later, and none lasts longer. */
const LONGEST_MS = 86_400_000;
const planMs = Type.Number({ minimum: 0, maximum: LONGEST_MS });
const MAX_REQUEST_RULES = 1000;
/** Far more than any run writes. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Members that later editions add are let through. */
const planSchema = Type.Object({
  schema: Type.Literal(1),
  runId: text,
  seed: Type.String({ pattern: '^\\d{1,15}$' }),
  scenario: text,
  client: words(CLIENTS),
  keyShape: words(KEY_SHAPES),
  profile: text,
  defect: maybeText,
  replicas: Type.Integer({ minimum: 1, maximum: 1000 }),
  lb: Type.Optional(words(BALANCERS)),
  workload: Type.Object({
    intents: maybeCount,
    vus: Type.Optional(Type.Integer({ minimum: 1, maximum: RUN_LIMITS.vus })),
    rate: Type.Optional(Type.Integer({ minimum: 1, maximum: RUN_LIMITS.rate })),
    duration: maybeText,
    timeoutMs: timeMs,
    backoffFactor: timeMs,
    maxTimeMs: Type.Optional(Type.Number({ minimum: 1, maximum: 86_400_000 })),
    segment: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,3}/[1-9]\\d{0,3}$' })),
  }),
  faults: Type.Object({
    profile: text,
    kinds: Type.Array(kind),
    http: Type.Array(
      Type.Object({
        kind,
        toxic: Type.Object({ name: text, type: words(REQUEST_FAULTS), attributes: Type.Optional(detail) }),
      }),
      { maxItems: MAX_REQUEST_RULES },
    ),
    timed: Type.Array(
      Type.Object({
        id: text,
        name: text,
        kind,
        action: words(TIMED_ACTIONS),
        where: words(PLACES),
        replica: maybeCount,
        startMs: planMs,
        durationMs: planMs,
        stream: Type.Optional(words(['upstream', 'downstream'])),
        detail,
      }),
      { maxItems: MAX_TIMED_FAULTS },
    ),
    left: Type.Array(Type.Object({ rule: text, why: text })),
    persistence: Type.Optional(words(PERSISTENCES)),
  }),
  asked: Type.Object({
    engine: words(['embedded', 'k6', 'sweep']),
    proxy: text,
    store: maybeText,
    script: maybeText,
    target: maybeText,
  }),
});

/** A run's folder, with links such as `results/latest` followed: they point elsewhere after the next run. */
export async function runFolderAt(dir: string): Promise<string> {
  const folder = await realpath(dir).catch(() => undefined);
  if (folder !== undefined && (await stat(folder)).isDirectory()) return folder;
  throw noRun('no such folder', dir);
}

/** The text of a file of a run; undefined where there is none that can be read. A device or a pipe would never end. */
export async function textIn(file: string): Promise<string | undefined> {
  try {
    const state = await stat(file);
    return state.isFile() && state.size <= MAX_FILE_BYTES ? await readFile(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Reads `plan.json` of a run's folder. Throws a usage error of one line: what is wrong with which member. */
export async function readPlan(folder: string, shown = folder): Promise<SavedPlan> {
  const file = join(shown, 'plan.json');
  const json = await textIn(join(folder, 'plan.json'));
  if (json === undefined) throw noRun('holds no plan.json', shown);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    const found = json.trim().slice(-40);
    throw usageError('plan', 'is torn or no JSON', { field: file, expected: 'a whole plan', found, cause });
  }
  const validator = Compile(planSchema);
  if (!validator.Check(value)) {
    const [first] = validator.Errors(value);
    const place = first?.instancePath === undefined || first.instancePath === '' ? 'it' : first.instancePath;
    throw usageError('plan', `is no plan that can be run again: ${place} ${first?.message ?? 'is wrong'}`, {
      field: file,
      expected: 'plan.json as this edition of onceproof writes it',
    });
  }
  // Checked against the schema just now; the types say the same.
  const plan = value as unknown as SavedPlan;
  checkLimits(plan, file);
  return plan;
}

/** What no flag of `run` would take is not taken from a plan either. */
function checkLimits({ scenario, workload, asked, replicas, profile }: SavedPlan, file: string): void {
  const wrong = (field: string, expected: string, found: unknown): Error =>
    usageError('plan', `is no plan that can be run again: ${field} is wrong`, {
      field: file,
      expected,
      found,
    });
  // A path would be code, and code is named as such.
  if (asked.script === undefined && asked.engine !== 'sweep' && !isScenarioName(scenario)) {
    throw usageError('scenario', 'no such scenario', {
      field: `${file}: scenario`,
      expected: SCENARIOS.join(', '),
      found: scenario,
    });
  }
  const { duration } = workload;
  const ms = duration === undefined ? 1 : (durationMs(duration) ?? 0);
  if (ms <= 0 || ms > LONGEST_MS) throw wrong('/workload/duration', 'a duration of at most 24h', duration);
  if (asked.target === undefined && !isProfileName(profile))
    throw wrong('/profile', PROFILE_NAMES.join(', '), profile);
  if (asked.target === undefined && replicas > RUN_LIMITS.replicas)
    throw wrong('/replicas', `at most ${RUN_LIMITS.replicas}`, replicas);
}

function noRun(what: string, dir: string): Error {
  return usageError('plan', what, {
    field: dir,
    expected: 'the folder of a run, as results/<scenario>/<time>-<run id> or results/latest',
  });
}
