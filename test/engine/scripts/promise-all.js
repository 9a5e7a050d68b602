import http from 'k6/http';

export const options = { vus: 1, iterations: 1 };

export default async function () {
  const all = await Promise.all(
    [1, 2, 3, 4, 5].map(() => http.asyncRequest('GET', `${__ENV.BASE_URL}/slow?ms=200`)),
  );
  console.log(JSON.stringify({ statuses: all.map(({ status }) => status) }));
}
