import { Counter } from 'k6/metrics';

const through = new Counter('through');

export const options = { vus: 1, iterations: 3, thresholds: { through: ['count==2'] } };

export default async function () {
  await new Promise((resolve) => setTimeout(resolve, 1));
  if (__ITER === 1) throw new Error('the second one breaks');
  through.add(1);
}
