import http from 'k6/http';

export const options = { vus: 1, iterations: 1, noConnectionReuse: true };

const CASES = [
  ['timeout', 'POST', `${__ENV.BASE_URL}/never`, { timeout: 200 }],
  ['timeout as text', 'POST', `${__ENV.BASE_URL}/never`, { timeout: '0.2s' }],
  ['reset', 'POST', `${__ENV.BASE_URL}/reset`, {}],
  ['closed', 'POST', `${__ENV.BASE_URL}/close`, {}],
  ['cut', 'POST', `${__ENV.BASE_URL}/cut`, {}],
  ['refused', 'POST', 'http://127.0.0.1:1/', {}],
  ['invalid URL', 'GET', 'not a url', {}],
  ['409', 'POST', `${__ENV.BASE_URL}/status/409`, {}],
  ['503', 'POST', `${__ENV.BASE_URL}/status/503`, {}],
];

export default async function () {
  for (const [name, method, url, params] of CASES) {
    const {
      status,
      error,
      error_code: code,
      body,
    } = await http.asyncRequest(method, url, method === 'GET' ? null : 'x', params);
    console.log(JSON.stringify({ name, status, code, hasError: error !== '', body }));
  }
}
