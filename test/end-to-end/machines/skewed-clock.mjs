/** Preloaded into a process (`--import`): its clock is wrong by SKEW_MS. */
const skewMs = Number(process.env.SKEW_MS ?? 0);
const { timeOrigin } = performance;
const right = Date.now;
Object.defineProperty(performance, 'timeOrigin', { value: timeOrigin + skewMs });
Date.now = () => right() + skewMs;
