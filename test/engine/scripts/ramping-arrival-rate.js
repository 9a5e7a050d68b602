export const options = {
  scenarios: {
    main: {
      executor: 'ramping-arrival-rate',
      startRate: 0,
      timeUnit: '1s',
      preAllocatedVUs: 10,
      stages: [{ duration: '2s', target: 10 }],
    },
  },
};

export default function () {}
