import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

const done = new Counter('done');
const level = new Gauge('level');
const right = new Rate('right');
const size = new Trend('size');
export const emptyTrend = new Trend('empty_trend');
export const emptyCounter = new Counter('empty_counter');

export const options = {
  vus: 1,
  iterations: 2,
  thresholds: {
    done: ['count<2'],
    level: ['value>5'],
    right: ['rate>0.9'],
    size: ['max<2', 'avg>0'],
    // Without samples a Trend is judged as 0, a Counter always.
    empty_trend: ['avg>0'],
    empty_counter: ['count>0'],
  },
};

export default function () {
  done.add(1);
  level.add(__ITER);
  right.add(false);
  size.add(2);
}
