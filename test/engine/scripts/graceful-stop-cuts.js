import http from 'k6/http';

export const options = {
  scenarios: { main: { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '0s' } },
};

export default async function () {
  console.log(JSON.stringify({ event: 'invoke' }));
  await http.asyncRequest('POST', `${__ENV.BASE_URL}/never`, 'x');
  console.log(JSON.stringify({ event: 'complete' }));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown' }));
}
