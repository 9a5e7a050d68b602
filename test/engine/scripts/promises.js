import http from 'k6/http';

export const options = { vus: 1, iterations: 1 };

const get = (path, params) => http.asyncRequest('GET', `${__ENV.BASE_URL}${path}`, null, params);
const refused = () => http.asyncRequest('GET', 'http://127.0.0.1:1/', null, { throw: true });

export default async function () {
  const settled = await Promise.allSettled([
    get('/status/200'),
    refused(),
    get('/status/409', { throw: true }),
  ]);
  const first = await Promise.race([get('/slow?ms=2000'), get('/slow?ms=100').then(() => 'fast')]);
  const any = await Promise.any([refused(), get('/echo').then(({ status }) => status)]);
  let all = 'resolved';
  try {
    await Promise.all([get('/echo'), refused()]);
  } catch {
    all = 'rejected';
  }
  console.log(JSON.stringify({ settled: settled.map(({ status }) => status), first, any, all }));
}
