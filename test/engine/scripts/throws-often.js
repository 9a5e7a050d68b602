export const options = { vus: 1, iterations: 5 };

function redeem(iteration) {
  if (iteration < 3) throw new RangeError('no points');
  throw new Error('no reward');
}

export default function () {
  redeem(__ITER);
}
