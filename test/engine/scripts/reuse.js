import http from 'k6/http';

const reuse = { none: { noConnectionReuse: true }, iteration: { noVUConnectionReuse: true }, all: {} }[
  __ENV.REUSE
];

export const options = { vus: 1, iterations: 3, ...reuse };

export default async function () {
  for (const path of ['/echo?1', '/echo?2']) await http.asyncRequest('POST', `${__ENV.BASE_URL}${path}`, 'x');
}
