import { sleep } from 'k6';

export const options = { vus: 2, iterations: 4 };

/** In k6 it blocks and gives nothing: to wait for it is for the embedded engine. */
const rest = (seconds) => Promise.resolve(sleep(seconds));

export default async function () {
  await rest(0.01);
  await Promise.all([rest(0.01), rest(0.02)]);
}
