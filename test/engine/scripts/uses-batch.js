import { batch } from 'k6/http';

/** One VU more than there are threads. */
export const options = { vus: 65, iterations: 65 };

export default function () {
  batch([['GET', `${__ENV.BASE_URL}/echo`]]);
}
