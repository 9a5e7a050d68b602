import { expect, test } from 'vitest';
import { isMarked, marked } from '../../harness/base/origin.ts';

const PLAN = { schema: 1, asked: { script: '/home/me/mine.ts' }, detail: { '2': 0.1, a: [1, null] } };

test('a plan that was written here is known again, after a way through a file', () => {
  const written = marked(PLAN);
  expect(written.origin).toMatch(/^[0-9a-f]{64}$/);
  expect(isMarked(JSON.parse(JSON.stringify(written, null, 2)) as object)).toBe(true);
});

test.each([
  ['without a mark', { ...PLAN }],
  ['with a mark that is none', { ...PLAN, origin: 7 }],
  ['with a short mark', { ...PLAN, origin: 'ab' }],
  ['with the mark of another plan', { ...PLAN, origin: marked({ schema: 1 }).origin }],
  ['that was changed since', { ...marked(PLAN), asked: { script: '/tmp/evil.ts' } }],
  ['to which something was added', { ...marked(PLAN), more: 1 }],
])('a plan %s is one from elsewhere', (_, plan) => {
  expect(isMarked(plan)).toBe(false);
});
