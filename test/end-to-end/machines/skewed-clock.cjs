/** Preloaded into a process (`--require`): its clock is wrong by SKEW_MS in each of its threads and realms, as a machine's is. */
const { syncBuiltinESMExports } = require('node:module');
const threads = require('node:worker_threads');
const vm = require('node:vm');

const skewMs = Number(process.env.SKEW_MS ?? 0);
const { timeOrigin } = performance;
const right = Date.now;
Object.defineProperty(performance, 'timeOrigin', { value: timeOrigin + skewMs });
Date.now = () => right() + skewMs;

// A realm has a clock of its own.
const { createContext } = vm;
vm.createContext = (...given) => {
  const context = createContext(...given);
  vm.runInContext(`{ const right = Date.now; Date.now = () => right() + (${skewMs}); }`, context);
  return context;
};
threads.Worker = class extends threads.Worker {
  constructor(program, { execArgv = [], env, ...options } = {}) {
    super(program, {
      ...options,
      execArgv: [...execArgv, '--require', __filename],
      env: { ...(env ?? process.env), SKEW_MS: String(skewMs) },
    });
  }
};
syncBuiltinESMExports();
