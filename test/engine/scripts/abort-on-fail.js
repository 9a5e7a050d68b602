import { Counter } from 'k6/metrics';

const wrong = new Counter('wrong');
export const never = new Counter('never');

export const options = {
  scenarios: { main: { executor: 'constant-vus', vus: 1, duration: '60s' } },
  // Without samples nothing is judged while the run goes on: this one cannot end it.
  thresholds: {
    wrong: [{ threshold: 'count==0', abortOnFail: true }],
    never: [{ threshold: 'count>0', abortOnFail: true }],
  },
};

export default async function () {
  wrong.add(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown' }));
}
