export const options = { vus: 1, iterations: 1 };

export default function () {
  console.log('{"event":"line"}');
  console.log('plain text');
  console.log('{"event":"first"}', 'and more');
  console.error('an error');
  console.log('{ "spaced": true }');
}
