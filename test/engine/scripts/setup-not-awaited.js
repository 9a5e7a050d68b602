// What setup began is waited for, also when a timer of it throws.
export function setup() {
  setTimeout(() => console.log(JSON.stringify({ event: 'setup is through' })), 30);
  return 1;
}

export default function (data) {
  console.log(JSON.stringify({ event: 'iteration', data }));
}

export function teardown() {
  setTimeout(() => {
    throw new Error('thrown by a timer of teardown');
  }, 1);
}
