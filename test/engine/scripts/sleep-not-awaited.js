import { sleep } from 'k6';

/** One VU more than there are threads: none of them can block. */
export const options = { vus: 65, iterations: 65 };

/** Handed around: that it is not awaited, the text does not say. */
const nap = sleep;

export default function () {
  nap(0.01);
}
