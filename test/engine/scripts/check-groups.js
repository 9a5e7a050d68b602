import { check, group } from 'k6';
import { Counter } from 'k6/metrics';

const events = new Counter('events');

export const options = {
  vus: 1,
  iterations: 2,
  thresholds: {
    'checks{kind:own}': ['rate==1'],
    'checks{kind:other}': ['rate==0'],
    'checks{group:::outer::inner}': ['rate==1'],
    'checks{check:deep}': ['rate==1'],
    'events{group:::outer}': ['count==2'],
    'events{group:::outer::inner}': ['count==4'],
    group_duration: ['max>=0'],
    'group_duration{group:::outer::inner}': ['max>=0'],
    checks: ['rate<0.7'],
  },
};

export default function () {
  check(1, { tagged: (value) => value === 1 }, { kind: 'own' });
  check(1, { tagged: (value) => value === 2 }, { kind: 'other' });
  const given = group('outer', () => {
    events.add(1);
    return group('inner', () => {
      events.add(2);
      return check(1, { deep: true }) && 'through';
    });
  });
  events.add(1);
  let message = '';
  try {
    group('broken', () => {
      throw new Error('inside');
    });
  } catch (error) {
    message = error.message;
  }
  console.log(JSON.stringify({ given, message, empty: check(1, {}) }));
}
