/** So many at a time: what comes beyond that waits for its turn, in the order in which it came. */
export function inTurn<A extends readonly unknown[], T>(
  limit: number,
  work: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (...args) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work(...args);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
