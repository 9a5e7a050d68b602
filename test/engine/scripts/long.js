// Runs for long: until it is stopped.
import http from 'k6/http';

export const options = {
  scenarios: { main: { executor: 'constant-vus', vus: 2, duration: '10m', gracefulStop: '10s' } },
};

export default async function () {
  const { status } = await http.asyncRequest('POST', `${__ENV.BASE_URL}/slow?ms=300`, 'x');
  console.log(JSON.stringify({ event: 'complete', status }));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown' }));
}

export function handleSummary() {
  return { stdout: 'SUMMARY' };
}
