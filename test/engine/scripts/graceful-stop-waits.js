import http from 'k6/http';

export const options = {
  scenarios: { main: { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '20s' } },
};

export default async function () {
  console.log(JSON.stringify({ event: 'invoke' }));
  const { status } = await http.asyncRequest('POST', `${__ENV.BASE_URL}/slow?ms=1500`, 'x');
  console.log(JSON.stringify({ event: 'complete', status }));
}
