// One attempt in flight when the time of its scenario is up, under every executor.
import http from 'k6/http';

const KINDS = {
  'shared-iterations': { vus: 1, iterations: 1, maxDuration: '1s' },
  'per-vu-iterations': { vus: 1, iterations: 1, maxDuration: '1s' },
  'constant-vus': { vus: 1, duration: '1s' },
  'ramping-vus': { startVUs: 1, stages: [{ duration: '1s', target: 1 }], gracefulRampDown: '20s' },
  'constant-arrival-rate': { rate: 1, timeUnit: '10s', duration: '1s', preAllocatedVUs: 1 },
  'ramping-arrival-rate': {
    startRate: 20,
    stages: [{ duration: '1s', target: 20 }],
    preAllocatedVUs: 1,
  },
};

export const options = {
  scenarios: {
    main: { executor: __ENV.EXECUTOR, gracefulStop: __ENV.GRACE, ...KINDS[__ENV.EXECUTOR] },
  },
};

export default async function () {
  console.log(JSON.stringify({ event: 'invoke' }));
  const { status } = await http.asyncRequest('POST', `${__ENV.BASE_URL}/slow?ms=1500`, 'x');
  console.log(JSON.stringify({ event: 'complete', status }));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown' }));
}
