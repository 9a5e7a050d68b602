export default function () {
  console.log(JSON.stringify({ event: 'iteration' }));
}

export function teardown() {
  throw new Error('cannot clean up');
}
