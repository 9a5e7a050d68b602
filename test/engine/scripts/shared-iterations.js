import exec from 'k6/execution';

export const options = { scenarios: { main: { executor: 'shared-iterations', vus: 3, iterations: 10 } } };

export default function () {
  console.log(JSON.stringify({ iteration: exec.scenario.iterationInTest }));
}
