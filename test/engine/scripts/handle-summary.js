import { check, group } from 'k6';
import { Counter } from 'k6/metrics';

const events = new Counter('events');

export const options = { vus: 1, iterations: 2, thresholds: { events: ['count==2'], checks: ['rate>0.9'] } };

export default function () {
  events.add(1);
  group('outer', () => check(1, { inner: (value) => value === 1 }));
  check(1, { wrong: (value) => value === 2 });
}

export function handleSummary({ metrics, root_group: root, state }) {
  const shown = {
    events: metrics.events.values.count,
    thresholds: metrics.events.thresholds,
    checks: metrics.checks.values,
    crossed: metrics.checks.thresholds,
    rootChecks: root.checks.map(({ name, passes, fails, path }) => ({ name, passes, fails, path })),
    groups: root.groups.map(({ name, path, checks }) => ({ name, path, checks: checks.length })),
    hasDuration: state.testRunDurationMs > 0,
  };
  return { stdout: `SUMMARY ${JSON.stringify(shown)}\n` };
}
