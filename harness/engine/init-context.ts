/** The init context of a run: what the script's top level says of it, before anything is sent. */
import { usageError } from '../base/errors.ts';
import type { Blocking } from './k6/blocking.ts';
import { Sink } from './k6/metrics.ts';
import type { RunState } from './k6/run-state.ts';
import { parseThresholds, type Threshold } from './k6/thresholds.ts';
import type { Vu } from './k6/vu.ts';
import type { Pulse } from './pulse.ts';
import type { ScenarioOptions } from './scenario-options.ts';
import { resolveOptions } from './script-options.ts';
import type { EngineOverrides } from './types.ts';

/**
 * Takes over the options that `main` exports; returns their thresholds. Throws a HarnessError for options that are wrong, and
 * for scenarios whose function is not there.
 */
export function readInitContext(run: RunState, main: Vu, overrides: EngineOverrides): Threshold[] {
  run.options = resolveOptions(main.exports['options'], overrides);
  for (const warning of run.options.warnings) run.log('warning', warning);
  const thresholds = parseThresholds(run.options.thresholds, run.registry);
  countExpected(run);
  for (const scenario of run.options.scenarios) mustExport(main, scenario);
  return thresholds;
}

/** k6 shows the durations of expected answers beside those of all. */
function countExpected({ options, registry: { duration } }: RunState): void {
  const name = 'http_req_duration{expected_response:true}';
  if (!options.systemTags.has('expected_response') || duration.subs.some((sub) => sub.name === name)) return;
  duration.subs.push({ name, tags: [['expected_response', 'true']], sink: new Sink(duration.type) });
}

function mustExport(main: Vu, { name, exec }: ScenarioOptions): void {
  if (typeof main.exports[exec] === 'function') return;
  throw usageError('invalid-options', 'no such function', {
    field: `options.scenarios.${name}.exec`,
    expected: 'the name of an exported function',
    found: exec,
  });
}

/** What the top level may block for: it sleeps, and asks nobody. */
export function initBlocking(pulse: Pulse): Blocking {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    sleep: (delayMs) => {
      if (delayMs <= 0) return;
      pulse.waits(true);
      Atomics.wait(never, 0, 0, delayMs);
      pulse.waits(false);
    },
    request: () => [],
  };
}
