import http from 'k6/http';

export const options = { vus: 1, iterations: 1 };

export default async function () {
  for (const status of [301, 302, 303, 307, 308]) {
    const response = await http.asyncRequest('POST', `${__ENV.BASE_URL}/redirect/${status}`, 'payload', {
      headers: { 'X-Kept': 'yes' },
    });
    const { method, body, headers } = response.json();
    console.log(
      JSON.stringify({
        status,
        final: response.status,
        method,
        body,
        kept: headers['x-kept'],
        url: response.url.replace(__ENV.BASE_URL, ''),
      }),
    );
  }
  const stopped = await http.asyncRequest('POST', `${__ENV.BASE_URL}/redirect/302`, 'payload', {
    redirects: 0,
  });
  console.log(JSON.stringify({ status: 302, final: stopped.status, location: stopped.headers.Location }));
}
