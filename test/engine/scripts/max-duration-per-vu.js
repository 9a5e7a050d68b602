export const options = {
  scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 3, maxDuration: '1s' } },
};

export default async function () {
  await new Promise((resolve) => setTimeout(resolve, 1200));
}
