import { defineConfig } from 'vitest/config';

/** Rooms whose tests change their own process, or measure it: each file gets one of its own. */
const APART = ['commands', 'engine', 'environment', 'hostile', 'package', 'sweep'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores: a third worker saves a minute in twenty-five, and makes real servers slow to start and runs meet their time limits.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'apart', include: APART } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts', 'properties/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...APART],
          // A worker keeps what it has loaded from file to file: loading takes longer than most tests.
          isolate: false,
        },
      },
    ],
  },
});
