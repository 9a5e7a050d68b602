export const options = { teardownTimeout: '1s' };

export default function () {
  console.log(JSON.stringify({ event: 'iteration' }));
}

export async function teardown() {
  await new Promise((resolve) => setTimeout(resolve, 30_000));
  console.log(JSON.stringify({ event: 'teardown' }));
}
