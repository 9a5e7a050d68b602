// What may end the run holds, or may not be judged yet: it does not.
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

const done = new Counter('done');
const level = new Gauge('level');
const right = new Rate('right');
const size = new Trend('size');
const late = new Counter('late');

const guard = (threshold) => ({ threshold, abortOnFail: true });

export const options = {
  scenarios: { main: { executor: 'per-vu-iterations', vus: 1, iterations: 30 } },
  thresholds: {
    done: [guard('count<31'), guard('rate>0')],
    level: [guard('value==2')],
    right: [guard('rate>0.9')],
    size: ['avg==2', 'min==2', 'max==2', 'med==2', 'p(95)==2'].map(guard),
    late: [{ threshold: 'count==0', abortOnFail: true, delayAbortEval: '60s' }],
  },
};

export default async function () {
  done.add(1);
  level.add(2);
  right.add(true);
  size.add(2);
  late.add(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
