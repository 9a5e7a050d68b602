import exec from 'k6/execution';

export const options = {
  scenarios: {
    main: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: '1s', target: 3 },
        { duration: '1s', target: 3 },
        { duration: '0s', target: 1 },
        { duration: '1s', target: 1 },
      ],
      gracefulRampDown: '5s',
    },
  },
};

export default async function () {
  if (__ITER === 0) console.log(JSON.stringify({ vu: exec.vu.idInTest }));
  await new Promise((resolve) => setTimeout(resolve, 50));
}
