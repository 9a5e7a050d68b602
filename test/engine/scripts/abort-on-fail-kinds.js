// One metric of the asked kind, under one threshold that may end the run.
import * as metrics from 'k6/metrics';

const it = new metrics[__ENV.KIND]('it');

export const options = {
  scenarios: { main: { executor: 'constant-vus', vus: 1, duration: '60s' } },
  thresholds: { it: [{ threshold: __ENV.EXPRESSION, abortOnFail: true }] },
};

export default async function () {
  it.add(__ENV.KIND === 'Rate' ? false : 2);
  await new Promise((resolve) => setTimeout(resolve, 100));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown' }));
}
