/** How many requests of one `http.batch` are on their way at once. */

export interface BatchLimits {
  readonly inAll: number;
  /** 0: as many as `inAll`. */
  readonly perHost: number;
}

/**
 * Starts work in order, as k6 does: so many take one after the other, and whoever got one whose host is busy waits with it.
 * `start` is called with what to call when that one is done.
 */
export function atOnce(
  hosts: readonly string[],
  { inAll, perHost }: BatchLimits,
  start: (index: number, done: () => void) => void,
): void {
  const busy = new Map<string, number>();
  const waiting: { readonly host: string; readonly go: () => void }[] = [];
  let next = 0;
  const begin = (index: number, host: string): void => {
    busy.set(host, (busy.get(host) ?? 0) + 1);
    start(index, () => {
      busy.set(host, (busy.get(host) ?? 1) - 1);
      const at = waiting.findIndex((one) => one.host === host);
      if (at !== -1) waiting.splice(at, 1)[0]?.go();
      takeNext();
    });
  };
  const takeNext = (): void => {
    const index = next++;
    const host = hosts[index];
    if (host === undefined) return;
    if (perHost <= 0 || (busy.get(host) ?? 0) < perHost) begin(index, host);
    else waiting.push({ host, go: () => begin(index, host) });
  };
  for (let worker = 0; worker < Math.min(hosts.length, inAll); worker++) takeNext();
}
