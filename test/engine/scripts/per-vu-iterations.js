import exec from 'k6/execution';

export const options = { scenarios: { main: { executor: 'per-vu-iterations', vus: 3, iterations: 2 } } };

// Of this VU alone.
let count = 0;

export default function () {
  count++;
  console.log(
    JSON.stringify({
      vu: exec.vu.idInTest,
      sameVu: exec.vu.idInTest === __VU,
      iteration: __ITER,
      inScenario: exec.vu.iterationInScenario,
      count,
    }),
  );
}
