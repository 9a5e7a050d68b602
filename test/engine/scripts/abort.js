import exec from 'k6/execution';

export const options = { scenarios: { main: { executor: 'constant-vus', vus: 2, duration: '60s' } } };

export default async function () {
  if (__VU === 1) exec.test.abort('enough');
  await new Promise((resolve) => setTimeout(resolve, 30_000));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown' }));
}
