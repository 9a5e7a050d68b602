export const options = { vus: 1, iterations: 1 };

export default function () {
  console.log(JSON.stringify({ event: 'iteration' }));
}

export function handleSummary() {
  throw new Error('no summary');
}
