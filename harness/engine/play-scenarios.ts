/** The scenarios of a run, each from its start time to its end. */
import { execute } from './executors.ts';
import type { RunState } from './k6/run-state.ts';
import type { RunEnd } from './run-end.ts';
import type { ScenarioOptions } from './scenario-options.ts';
import { Session } from './session.ts';
import type { VuPool } from './vu-pool.ts';

/** Resolves when all are over; none begins once the run ends before its time. */
export async function playScenarios(run: RunState, pool: VuPool, end: RunEnd): Promise<void> {
  await Promise.all(run.options.scenarios.map((scenario) => playScenario(run, pool, end, scenario)));
}

async function playScenario(
  run: RunState,
  pool: VuPool,
  end: RunEnd,
  scenario: ScenarioOptions,
): Promise<void> {
  if (scenario.startMs > 0) await pause(scenario.startMs, end);
  if (end.isEarly) return;
  const session = new Session(run, pool, scenario);
  end.began(session);
  try {
    await execute(session, scenario);
  } finally {
    session.end();
    end.ended(session);
  }
}

/** Waits, but not beyond the run's end. */
async function pause(delayMs: number, { early }: RunEnd): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delayMs);
  });
  await Promise.race([passed, early]);
  clearTimeout(timer);
}
