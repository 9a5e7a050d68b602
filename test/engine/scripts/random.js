import { randomSeed } from 'k6';

export const options = { scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } } };

export default function () {
  randomSeed(7);
  console.log(JSON.stringify({ value: Math.random(), floor: Math.floor(1.5) }));
}
