import http from 'k6/http';

export const options = { vus: 1, iterations: 1, throw: true };

async function isRejected(url) {
  try {
    await http.asyncRequest('GET', url);
    return false;
  } catch {
    return true;
  }
}

export default async function () {
  console.log(JSON.stringify({ name: 'refused', isRejected: await isRejected('http://127.0.0.1:1/') }));
  console.log(
    JSON.stringify({ name: 'answered', isRejected: await isRejected(`${__ENV.BASE_URL}/status/500`) }),
  );
}
