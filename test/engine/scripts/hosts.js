import http from 'k6/http';

export const options = { vus: 1, iterations: 1, hosts: { 'shop.example:80': __ENV.ADDRESS } };

export default async function () {
  const response = await http.asyncRequest('GET', 'http://shop.example/echo');
  console.log(JSON.stringify({ status: response.status, host: response.json('headers.host') }));
}
