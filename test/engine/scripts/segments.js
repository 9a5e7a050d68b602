// What each executor deals out to the parts of a run.
import exec from 'k6/execution';

export const options = {
  scenarios: {
    shared: { executor: 'shared-iterations', vus: 5, iterations: 23 },
    each: { executor: 'per-vu-iterations', vus: 4, iterations: 3, startTime: '1s' },
    rate: {
      executor: 'constant-arrival-rate',
      rate: 20,
      duration: '1s',
      preAllocatedVUs: 6,
      maxVUs: 6,
      startTime: '2s',
    },
  },
};

export default function () {
  const { scenario, vu, test } = exec;
  console.log(
    JSON.stringify({
      name: scenario.name,
      inTest: scenario.iterationInTest,
      inInstance: scenario.iterationInInstance,
      vu: vu.idInTest,
      vuHere: vu.idInInstance,
      segment: test.options.executionSegment,
    }),
  );
}
