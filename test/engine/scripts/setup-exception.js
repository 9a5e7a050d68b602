export function setup() {
  throw new Error('no customers');
}

export default function () {
  console.log(JSON.stringify({ event: 'iteration' }));
}

export function teardown() {
  console.log(JSON.stringify({ event: 'teardown' }));
}
