// Cut by its graceful stop, with a sleep, a timer and a request open.
import { sleep } from 'k6';
import http from 'k6/http';

export const options = {
  scenarios: { main: { executor: 'constant-vus', vus: 2, duration: '1s', gracefulStop: '0s' } },
};

export default async function () {
  void http.asyncRequest('GET', `${__ENV.BASE_URL}/never`);
  setInterval(() => {}, 1000);
  // oxlint-disable-next-line typescript/await-thenable -- it blocks in k6 and is a promise here
  await sleep(3600);
}
