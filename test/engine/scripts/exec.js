import exec, { scenario, vu } from 'k6/execution';

export const options = {
  tags: { run: 'r' },
  scenarios: {
    first: {
      executor: 'per-vu-iterations',
      vus: 1,
      iterations: 2,
      exec: 'one',
      env: { WHO: 'first' },
      tags: { side: 'left' },
    },
    second: { executor: 'shared-iterations', vus: 1, iterations: 1, exec: 'two', startTime: '1s' },
  },
};

export function one() {
  const { name, executor, iterationInTest, iterationInInstance, progress, startTime } = exec.scenario;
  console.log(
    JSON.stringify({
      name,
      executor,
      iterationInTest,
      iterationInInstance,
      hasProgress: progress >= 0 && progress <= 1,
      startsNow: Math.abs(Date.now() - startTime) < 60_000,
      who: __ENV.WHO,
      shared: __ENV.SHARED,
      side: vu.metrics.tags.side,
      run: exec.vu.tags.run,
      scenarioTag: vu.metrics.tags.scenario,
    }),
  );
}

export function two() {
  const { iterationsCompleted, vusActive, vusInitialized } = exec.instance;
  console.log(
    JSON.stringify({
      name: scenario.name,
      isElsewhere: __ENV.WHO === undefined,
      iterationsCompleted,
      vusActive,
      vusInitialized,
      iterationInInstance: exec.vu.iterationInInstance,
      iterationInScenario: exec.vu.iterationInScenario,
      scenarios: Object.keys(exec.test.options.scenarios),
    }),
  );
}
