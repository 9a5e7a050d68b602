export function setup() {
  return { call: () => 1 };
}

export default function () {
  console.log(JSON.stringify({ event: 'iteration' }));
}
