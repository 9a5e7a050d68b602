export const options = { vus: 1, iterations: 2 };

export default async function () {
  setTimeout(() => {
    throw new Error('thrown by a timer');
  }, 1);
  await new Promise((resolve) => setTimeout(resolve, 60));
  console.log(JSON.stringify({ reached: true }));
}
