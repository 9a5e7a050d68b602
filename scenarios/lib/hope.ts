/** Tells a target that is not there, or a path that is wrong, from one that only has a fault: nothing of it ever answers as an endpoint. */
import exec from 'k6/execution';

/** So many answers in a row, from the first on, leave no hope. */
const ENOUGH = 5;
/** There is no such path, or it takes no such method. */
const NO_SUCH_PATH = [404, 405, 410, 501];
/** k6's code for a refused connection. */
const REFUSED = 1212;

let hopelessCount = 0;
let hasHope = false;

/** Takes note of an answer of the endpoint; ends the test when there was never one of another kind. */
export function noteAnswer(
  method: string,
  url: string,
  { status, error_code: code }: { status: number; error_code: number },
): void {
  if (hasHope) return;
  const isRefused = status === 0 && code === REFUSED;
  if (!isRefused && !NO_SUCH_PATH.includes(status)) {
    hasHope = true;
    return;
  }
  hopelessCount += 1;
  if (hopelessCount < ENOUGH) return;
  const what = isRefused ? 'is a refused connection' : `is ${status}`;
  exec.test.abort(
    `hopeless: every answer so far ${what}, such as to ${method} ${url}: is the address right?`,
  );
}
