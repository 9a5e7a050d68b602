import exec from 'k6/execution';

export const options = { scenarios: { main: { executor: 'constant-vus', vus: 2, duration: '1s' } } };

export default async function () {
  if (__ITER === 0)
    console.log(
      JSON.stringify({ vu: exec.vu.idInTest, executor: exec.scenario.executor, name: exec.scenario.name }),
    );
  await new Promise((resolve) => setTimeout(resolve, 50));
}
