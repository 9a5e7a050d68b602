// Each aggregation holds once and is crossed once.
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

const done = new Counter('done');
const level = new Gauge('level');
const right = new Rate('right');
const size = new Trend('size');

export const options = {
  vus: 1,
  iterations: 10,
  thresholds: {
    done: ['count==10', 'count!=10', 'rate>0', 'rate<=0'],
    level: ['value===9', 'value<9'],
    right: ['rate==0.5', 'rate>0.5'],
    size: [
      'avg==5.5',
      'avg<5.5',
      'min==1',
      'min>1',
      'max==10',
      'max<10',
      'med==5.5',
      'med!=5.5',
      'p(90)<9.11',
      'p(90)>9.11',
      'p(99.9) >= 9.9',
      'p(99.9) < 9.9',
    ],
  },
};

export default function () {
  done.add(1);
  level.add(__ITER);
  right.add(__ITER % 2 === 0);
  size.add(__ITER + 1);
}
