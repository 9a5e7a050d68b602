import { SharedArray } from 'k6/data';

let made = 0;
const rows = new SharedArray('forms', () => {
  made += 1;
  return [{ id: 1, deep: { a: 1 } }, { id: 2, gone: undefined }, 'text'];
});
const again = new SharedArray('forms', () => {
  made += 1;
  return [];
});

export const options = { scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } } };

export default function () {
  const walked = [];
  for (const row of rows) walked.push(row.id ?? row);
  let isDeepFrozen = false;
  try {
    rows[0].deep.a = 5;
    isDeepFrozen = rows[0].deep.a === 1;
  } catch {
    isDeepFrozen = true;
  }
  console.log(
    JSON.stringify({
      walked,
      mapped: Array.from(rows).length,
      again: again.length,
      beyond: rows[7] === undefined,
      gone: 'gone' in rows[1],
      isDeepFrozen,
      atMostOnce: made <= 1,
    }),
  );
}
