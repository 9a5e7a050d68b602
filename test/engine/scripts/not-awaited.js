// What an iteration began is waited for at its end.
import http from 'k6/http';

export const options = { vus: 1, iterations: 2 };

async function behind() {
  const { status } = await http.asyncRequest('GET', `${__ENV.BASE_URL}/slow?ms=50`);
  setTimeout(() => console.log(JSON.stringify({ iteration: __ITER, status })), 20);
}

export default function () {
  void behind();
}
