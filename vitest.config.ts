import { defineConfig } from 'vitest/config';

/** Rooms whose tests leave their process as they found it: a worker keeps what it has loaded from file to file. */
const PURE = ['base', 'checker', 'config', 'describe', 'history', 'model', 'plan', 'report'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores: more workers than that only make real servers slow to start.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts', 'properties/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...PURE],
        },
      },
    ],
  },
});
