import http from 'k6/http';

export const options = { vus: 1, iterations: 1 };

export default async function () {
  for (const params of [{ timeout: 300 }, { timeout: '300ms', responseType: 'none' }]) {
    const response = await http.asyncRequest('POST', `${__ENV.BASE_URL}/half`, 'x', params);
    const { status, error_code: code, error } = response;
    console.log(JSON.stringify({ status, code, error }));
  }
  const { status } = await http.asyncRequest('POST', `${__ENV.BASE_URL}/slow?ms=300`, 'x', {
    timeout: '30s',
  });
  console.log(JSON.stringify({ status }));
}
