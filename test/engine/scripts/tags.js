import { group } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';

const events = new Counter('events');

export const options = {
  vus: 1,
  iterations: 2,
  thresholds: {
    // A tag of the VU outlives the iteration that set it.
    'events{mood:good}': ['count==2'],
    'events{mood:own}': ['count==1'],
    'events{group:::inside}': ['count==2'],
    'http_reqs{name:redeem}': ['count==2'],
    'http_reqs{name:redeem,method:GET,status:200}': ['count==2'],
  },
};

export default async function () {
  if (__ITER === 0) exec.vu.metrics.tags.mood = 'good';
  events.add(1);
  if (__ITER === 0) events.add(1, { mood: 'own' });
  delete exec.vu.metrics.tags.mood;
  exec.vu.metrics.tags.mood = 'good';
  group('inside', () => events.add(1, { mood: 'none' }));
  await http.asyncRequest('GET', `${__ENV.BASE_URL}/echo`, null, { tags: { name: 'redeem' } });
}
