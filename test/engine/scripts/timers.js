import { sleep } from 'k6';
import { clearInterval, setInterval, setTimeout as later } from 'k6/timers';

export const options = { vus: 1, iterations: 1 };

export default async function () {
  const order = [];
  later((text) => order.push(text), 40, 'late');
  later(() => order.push('early'), 5);
  const never = setTimeout(() => order.push('never'), 20);
  clearTimeout(never);
  let ticks = 0;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      if (++ticks < 3) return;
      clearInterval(timer);
      resolve();
    }, 30);
  });
  // oxlint-disable-next-line typescript/await-thenable -- it blocks in k6 and is a promise in Node
  await sleep(0.05);
  console.log(JSON.stringify({ order, ticks, id: typeof never }));
}
