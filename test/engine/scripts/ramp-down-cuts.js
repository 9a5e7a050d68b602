// The VU that is taken away is cut where it waits; the one that stays may end.
import http from 'k6/http';

export const options = {
  scenarios: {
    main: {
      executor: 'ramping-vus',
      startVUs: 2,
      stages: [
        { duration: '1s', target: 2 },
        { duration: '0s', target: 1 },
        { duration: '1s', target: 1 },
      ],
      gracefulRampDown: '0s',
      gracefulStop: '30s',
    },
  },
};

export default async function () {
  await http.asyncRequest('GET', `${__ENV.BASE_URL}/slow?ms=2500`);
  console.log(JSON.stringify({ done: true }));
}
