export const options = { vus: 1, iterations: 1 };

export async function setup() {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return { list: [undefined, null], text: 'ü', nested: { a: [1] } };
}

// Members come back in any order.
const shown = ({ list, text, nested }) => [list, text, nested];

export default function (data) {
  console.log(
    JSON.stringify({ event: 'iteration', given: shown(data), members: Object.keys(data).toSorted() }),
  );
}

export function teardown(data) {
  console.log(JSON.stringify({ event: 'teardown', given: shown(data) }));
}
