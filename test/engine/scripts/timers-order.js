export const options = { vus: 1, iterations: 1 };

export default async function () {
  const order = [];
  await new Promise((resolve) => {
    setTimeout(() => {
      order.push('timer');
      setTimeout(() => order.push('nested'), 5);
      void Promise.resolve().then(() => order.push('promise in timer'));
    }, 0);
    setTimeout((...given) => order.push(given.join('+')), 30, 'a', 'b');
    void Promise.resolve().then(() => order.push('promise'));
    order.push('now');
    setTimeout(resolve, 80);
  });
  setTimeout(() => console.log(JSON.stringify({ event: 'after the end' })), 30);
  console.log(JSON.stringify({ order }));
}
