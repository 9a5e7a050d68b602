import exec from 'k6/execution';
import { Counter } from 'k6/metrics';

const wrong = new Counter('wrong');

export const options = { vus: 1, iterations: 2, thresholds: { wrong: ['count==0'] } };

export default function () {
  wrong.add(1);
  exec.test.fail('not good enough');
  console.log(JSON.stringify({ event: 'goes on' }));
}
