import exec from 'k6/execution';

export const options = {
  scenarios: {
    cut: { executor: 'constant-vus', vus: 2, duration: '1s', gracefulStop: '0s', exec: 'cut' },
    later: { executor: 'per-vu-iterations', vus: 1, iterations: 1, startTime: '2s', exec: 'later' },
  },
};

export async function cut() {
  if (__VU === 1 && __ITER === 0) return;
  await new Promise((resolve) => setTimeout(resolve, 30_000));
}

export function later() {
  const {
    iterationsCompleted: completed,
    iterationsInterrupted: interrupted,
    vusActive: active,
  } = exec.instance;
  console.log(JSON.stringify({ completed, interrupted, active }));
}
