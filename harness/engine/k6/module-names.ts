/** The modules of k6 that the embedded engine has. */
export const K6_MODULE_NAMES: readonly string[] = [
  'k6',
  'k6/crypto',
  'k6/data',
  'k6/encoding',
  'k6/execution',
  'k6/html',
  'k6/http',
  'k6/metrics',
  'k6/timers',
];
