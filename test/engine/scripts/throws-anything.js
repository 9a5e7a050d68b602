export const options = { vus: 1, iterations: 4 };

export default function () {
  console.log(JSON.stringify({ iteration: __ITER }));
  if (__ITER === 0) throw 'a text';
  if (__ITER === 1) return Promise.reject(new Error('a rejection'));
  if (__ITER === 2) return undefined.member;
  return Promise.resolve();
}
