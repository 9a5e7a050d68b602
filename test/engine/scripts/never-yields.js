export const options = {
  scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 1, exec: 'redeem' } },
};

function spin() {
  for (;;) {
    // Never gives the thread back.
  }
}

export function redeem() {
  console.log(JSON.stringify({ event: 'before', vu: __VU }));
  if (__VU === 2) spin();
}
