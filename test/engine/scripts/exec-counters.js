import exec from 'k6/execution';

export const options = {
  scenarios: {
    first: { executor: 'per-vu-iterations', vus: 1, iterations: 2 },
    second: { executor: 'per-vu-iterations', vus: 1, iterations: 2, startTime: '1s' },
  },
};

export default function () {
  const { scenario, vu, instance } = exec;
  console.log(
    JSON.stringify({
      name: scenario.name,
      inTest: scenario.iterationInTest,
      inInstance: scenario.iterationInInstance,
      sameVu: vu.idInInstance === vu.idInTest && vu.idInTest === __VU,
      ofVu: vu.iterationInInstance,
      ofVuHere: vu.iterationInScenario,
      iter: __ITER,
      completed: instance.iterationsCompleted,
      interrupted: instance.iterationsInterrupted,
      active: instance.vusActive,
      initialized: instance.vusInitialized,
      isRunning: instance.currentTestRunDuration >= 0,
      progress: typeof scenario.progress,
    }),
  );
}
