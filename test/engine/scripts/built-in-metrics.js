import { check } from 'k6';
import http from 'k6/http';

export const options = {
  scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } },
  thresholds: {
    iterations: ['count==4'],
    iteration_duration: ['min>=50', 'max<60000'],
    'iteration_duration{scenario:main}': ['p(95)>=50'],
    http_reqs: ['count==4'],
    'http_reqs{method:POST}': ['count==4'],
    'http_reqs{status:200,expected_response:true}': ['count==4'],
    http_req_duration: ['min>=50'],
    http_req_waiting: ['min>=50'],
    http_req_blocked: ['min>=0'],
    http_req_receiving: ['min>=0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
};

export default async function () {
  const { status } = await http.asyncRequest('POST', `${__ENV.BASE_URL}/slow?ms=60`, 'x');
  check(status, { answered: (value) => value === 200 });
}
