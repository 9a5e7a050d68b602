import exec from 'k6/execution';

export const options = { scenarios: { named: { executor: 'per-vu-iterations', vus: 1, iterations: 1 } } };

export default function () {
  console.log(JSON.stringify({ name: exec.scenario.name, executor: exec.scenario.executor }));
}
