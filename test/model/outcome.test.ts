import { expect, test } from 'vitest';
import { outcomeOf } from '../../harness/model/outcome.ts';

test.each([
  [200, 'ok'],
  [201, 'ok'],
  [302, 'info'],
  [400, 'fail'],
  [401, 'fail'],
  [404, 'fail'],
  [408, 'info'],
  [409, 'fail'],
  [422, 'fail'],
  [425, 'info'],
  [429, 'info'],
  [499, 'info'],
  [500, 'info'],
  [503, 'info'],
  [0, 'info'],
  [undefined, 'info'],
])('a server that answers %s leaves the attempt %s', (status, outcome) => {
  expect(outcomeOf(status)).toBe(outcome);
});

test("whatever a proxy answers in its own name says nothing of the server's work", () => {
  for (const status of [200, 404, 409, 502]) expect(outcomeOf(status, 'proxy')).toBe('info');
});
