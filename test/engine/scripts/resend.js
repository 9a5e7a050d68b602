// The server closes a kept connection instead of answering every second request.
import http from 'k6/http';

export const options = { vus: 1, iterations: 10 };

export default async function () {
  const { status } = await http.asyncRequest(
    __ENV.METHOD,
    __ENV.BASE_URL,
    __ENV.METHOD === 'GET' ? null : 'x',
    {
      headers: { 'Idempotency-Key': `k-${__ITER}` },
    },
  );
  console.log(JSON.stringify({ status }));
}
