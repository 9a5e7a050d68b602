import { check } from 'k6';

export const options = { vus: 1, iterations: 1 };

export default function () {
  try {
    check(1, {
      breaks: () => {
        throw new Error('in a check');
      },
    });
  } catch (error) {
    console.log(JSON.stringify({ message: error.message }));
  }
}
