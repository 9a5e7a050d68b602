import http from 'k6/http';

export const options = { vus: 1, iterations: 1, maxRedirects: 3 };

export default async function () {
  for (const { path, params } of [
    { path: '/chain/2', params: { redirects: 2 } },
    { path: '/chain/3', params: { redirects: 2 } },
    { path: '/chain/3', params: {} },
    { path: '/chain/4', params: {} },
  ]) {
    const {
      status,
      error_code: code,
      url,
    } = await http.asyncRequest('GET', `${__ENV.BASE_URL}${path}`, null, params);
    console.log(JSON.stringify({ path, status, code, url: url.replace(__ENV.BASE_URL, '') }));
  }
}
