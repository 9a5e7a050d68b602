// Nothing starts in the second half: the attempt that is in flight has until its end.
import http from 'k6/http';

export const options = {
  scenarios: {
    main: {
      executor: 'ramping-arrival-rate',
      startRate: 4,
      gracefulStop: '0s',
      stages: [
        { duration: '500ms', target: 4 },
        { duration: '0s', target: 0 },
        { duration: '1s', target: 0 },
      ],
      preAllocatedVUs: 5,
    },
  },
};

export default async function () {
  const { status } = await http.asyncRequest('POST', `${__ENV.BASE_URL}/slow?ms=600`, 'x');
  console.log(JSON.stringify({ status }));
}
