import http from 'k6/http';

export const options = {
  vus: 1,
  iterations: Number(__ENV.ITERATIONS ?? 1),
  noConnectionReuse: __ENV.NO_REUSE === 'true',
};

const size = Number(__ENV.SIZE);

export default async function () {
  const urls = __ENV.URLS.split(' ');
  const all = await Promise.all(
    urls.map((url, index) => {
      const body = __ENV.METHOD === 'GET' ? null : `body of ${index}`;
      return http.asyncRequest(__ENV.METHOD ?? 'POST', url, body, { tags: { together: String(size) } });
    }),
  );
  console.log(JSON.stringify({ statuses: all.map(({ status }) => status) }));
}
