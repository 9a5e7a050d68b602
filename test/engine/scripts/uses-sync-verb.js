import http from 'k6/http';

export default function () {
  try {
    http.post(`${__ENV.BASE_URL}/echo`, 'x');
  } catch {
    // Even a script that catches everything must not hide it.
  }
}
