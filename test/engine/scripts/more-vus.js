export const options = {
  scenarios: {
    main: {
      executor: 'constant-arrival-rate',
      rate: 10,
      timeUnit: '1s',
      duration: '1s',
      gracefulStop: '0s',
      preAllocatedVUs: 1,
      maxVUs: 3,
    },
  },
};

export default async function () {
  console.log(JSON.stringify({ vu: __VU }));
  await new Promise((resolve) => setTimeout(resolve, 30_000));
}
