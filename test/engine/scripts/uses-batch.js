import { batch } from 'k6/http';

export default function () {
  batch([['GET', `${__ENV.BASE_URL}/echo`]]);
}
