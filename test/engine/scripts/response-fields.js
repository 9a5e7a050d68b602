import http from 'k6/http';

export const options = { vus: 1, iterations: 1 };

const typeOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const types = (object) =>
  Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => typeof value !== 'function')
      .map(([name, value]) => [name, typeOf(value)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

export default async function () {
  const response = await http.asyncRequest('POST', `${__ENV.BASE_URL}/echo?a=1`, 'x', {
    headers: { 'X-One': 'two' },
    cookies: { own: 'y' },
  });
  const { timings, request } = response;
  const names = [
    'status',
    'status_text',
    'proto',
    'url',
    'body',
    'headers',
    'cookies',
    'error',
    'error_code',
    'timings',
    'request',
  ];
  console.log(
    JSON.stringify({
      answer: Object.fromEntries(names.map((name) => [name, typeOf(response[name])])),
      url: response.url.replace(__ENV.BASE_URL, ''),
      timings: types(timings),
      adds: Math.abs(timings.duration - timings.sending - timings.waiting - timings.receiving) < 1,
      sent: types(request),
      sentUrl: request.url.replace(__ENV.BASE_URL, ''),
      sentOne: request.headers['X-One'],
    }),
  );
  const failed = await http.asyncRequest('POST', 'http://127.0.0.1:1/', 'x');
  console.log(
    JSON.stringify({
      failed: Object.fromEntries(names.map((name) => [name, typeOf(failed[name])])),
      text: failed.status_text,
      headers: Object.keys(failed.headers),
    }),
  );
}
