import http from 'k6/http';

export const options = {
  scenarios: { main: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } },
};

export default function () {
  console.log(JSON.stringify({ event: 'before', vu: __VU }));
  http.get(`${__ENV.BASE_URL}/echo`);
  if (__VU === 2) spin();

  function spin() {
    while (true);
  }
}
