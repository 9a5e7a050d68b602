export const options = {
  scenarios: {
    main: {
      executor: 'constant-arrival-rate',
      rate: 10,
      timeUnit: '1s',
      duration: '1s',
      preAllocatedVUs: 10,
    },
  },
};

export default function () {}
