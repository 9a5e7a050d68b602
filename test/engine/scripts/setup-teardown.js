export const options = { scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } } };

export function setup() {
  console.log(JSON.stringify({ event: 'setup', vu: __VU }));
  return { list: [1], gone: undefined, deep: { count: 0 } };
}

export default function (data) {
  // Each VU has its own copy, for all its iterations.
  data.deep.count += 1;
  console.log(
    JSON.stringify({ event: 'iteration', count: data.deep.count, list: data.list, gone: 'gone' in data }),
  );
}

export function teardown(data) {
  console.log(JSON.stringify({ event: 'teardown', vu: __VU, count: data.deep.count }));
}
