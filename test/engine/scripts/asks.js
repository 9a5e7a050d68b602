// Sends one request to each of URLS, with credentials, and says what became of it.
import http from 'k6/http';

export const options = { vus: 1, iterations: 1, hosts: JSON.parse(__ENV.HOSTS || '{}') };

export default async function () {
  for (const url of JSON.parse(__ENV.URLS)) {
    const headers = {
      Authorization: 'Bearer secret-token',
      'Content-Type': 'application/json',
      'X-Own': '1',
    };
    const response = await http.asyncRequest('POST', url, '{}', { headers, cookies: { session: 'secret' } });
    console.log(
      JSON.stringify({ url, status: response.status, error: response.error, code: response.error_code }),
    );
  }
}
