export const options = {
  scenarios: {
    main: {
      executor: 'constant-arrival-rate',
      rate: 10,
      timeUnit: '1s',
      duration: '1s',
      gracefulStop: '0s',
      preAllocatedVUs: 1,
    },
  },
  thresholds: {
    dropped_iterations: ['count>5', 'count<5'],
    'dropped_iterations{scenario:main}': ['count<4'],
  },
};

export default async function () {
  await new Promise((resolve) => setTimeout(resolve, 30_000));
}
