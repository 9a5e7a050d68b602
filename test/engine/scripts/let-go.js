export const options = { vus: 1, iterations: 1 };

export default async function () {
  void Promise.reject(new Error('nobody waits for me'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(JSON.stringify({ reached: true }));
}
