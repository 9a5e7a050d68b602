// With the exception go the iteration's other requests: their outcome is unknown, and they say so.
import http from 'k6/http';

export const options = { vus: 1, iterations: 1 };

async function other() {
  const { status, error_code: code } = await http.asyncRequest('GET', `${__ENV.BASE_URL}/never`);
  console.log(JSON.stringify({ event: 'complete', status, code }));
}

export default async function () {
  void other();
  setTimeout(() => console.log(JSON.stringify({ event: 'timer' })), 5000);
  await http.asyncRequest('GET', `${__ENV.BASE_URL}/echo`);
  throw new Error('in the middle');
}
