import { check, group } from 'k6';

export const options = { vus: 1, iterations: 3 };

export default function () {
  const all = check(
    { status: 200 },
    { good: ({ status }) => status === 200, bad: ({ status }) => status === 409, plain: true },
  );
  const grouped = group('again', () => check(null, { good: true }));
  console.log(JSON.stringify({ all, grouped }));
}
