// Two are issued, and the third only when the server has seen both but for their last byte.
import http from 'k6/http';

export const options = { vus: 1, iterations: 1 };

export default async function () {
  const post = (index) =>
    http.asyncRequest('POST', `${__ENV.BASE_URL}/${index}`, `body of ${index}`, { tags: { together: '3' } });
  const early = [post(0), post(1)];
  await http.asyncRequest('GET', `${__ENV.BASE_URL}/held`);
  console.log(JSON.stringify({ event: 'both are held' }));
  const all = await Promise.all([...early, post(2)]);
  console.log(JSON.stringify({ statuses: all.map(({ status }) => status) }));
}
