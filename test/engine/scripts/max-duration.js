// Two of five iterations begin before the time is up; the second is let finish.
export const options = {
  scenarios: { main: { executor: 'shared-iterations', vus: 1, iterations: 5, maxDuration: '1s' } },
};

export default async function () {
  console.log(JSON.stringify({ iteration: __ITER }));
  await new Promise((resolve) => setTimeout(resolve, 700));
}
