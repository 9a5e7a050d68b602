import http from 'k6/http';

/** One VU more than there are threads, and a module that is handed around: only its call shows that it blocks. */
export const options = { vus: 65, iterations: 65 };
const client = http;

export default function () {
  try {
    client.post(`${__ENV.BASE_URL}/echo`, 'x');
  } catch {
    // Even a script that catches everything must not hide it.
  }
}
