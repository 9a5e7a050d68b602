// One VU that is busy for the whole second: all arrivals but the first are dropped.
export const options = {
  scenarios: {
    main: { executor: 'constant-arrival-rate', rate: 10, duration: '1s', preAllocatedVUs: 1, maxVUs: 1 },
  },
};

export default async function () {
  await new Promise((resolve) => setTimeout(resolve, 1500));
}
