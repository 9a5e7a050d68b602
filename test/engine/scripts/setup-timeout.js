export const options = { setupTimeout: '1s' };

export async function setup() {
  await new Promise((resolve) => setTimeout(resolve, 30_000));
}

export default function () {
  console.log(JSON.stringify({ event: 'iteration' }));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown' }));
}
