import { SharedArray } from 'k6/data';

const text = open('./data.txt');
const bytes = open('./data.txt', 'b');
const shared = new SharedArray('rows', () => [{ id: 1 }, { id: 2 }]);

export const options = { scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } } };

export default function () {
  let isFrozen = false;
  try {
    shared[0].id = 5;
    isFrozen = shared[0].id === 1;
  } catch {
    isFrozen = true;
  }
  let refused = false;
  try {
    open('./data.txt');
  } catch {
    refused = true;
  }
  console.log(
    JSON.stringify({
      text: text.trim(),
      size: bytes.byteLength,
      length: shared.length,
      id: shared[1].id,
      isFrozen,
      refused,
    }),
  );
}
