import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

const done = new Counter('done');
const level = new Gauge('level');
const right = new Rate('right');
const size = new Trend('size');
export const emptyRate = new Rate('empty_rate');
export const emptyTrend = new Trend('empty_trend');
export const emptyCounter = new Counter('empty_counter');

export const options = {
  vus: 1,
  iterations: 10,
  thresholds: {
    done: ['count==10', 'count>=10', 'rate>0'],
    level: ['value==9', 'value < 10'],
    right: ['rate>=0.5', 'rate!=1'],
    size: ['avg==5.5', 'min==1', 'max==10', 'med==5.5', 'p(90)<9.2', 'p(99.9)<=10'],
    'size{kind:even}': ['min==2'],
    'done{scenario:default}': ['count==10'],
    'done{kind:none}': ['count==0'],
    empty_rate: ['rate>0.9'],
    empty_trend: ['p(95)<500'],
    empty_counter: ['count==0'],
  },
};

export default function () {
  done.add(1);
  level.add(__ITER);
  right.add(__ITER % 2 === 0);
  size.add(__ITER + 1, { kind: __ITER % 2 === 1 ? 'even' : 'odd' });
}
