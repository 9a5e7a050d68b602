/** `npm run bench`: every figure is a ratio of two things measured in one run; machines differ, ratios hold. */

import { benchCheckCores, benchTenMillionAttempts } from './check-cores.ts';
import { benchChecker } from './checker.ts';
import { benchDoors } from './doors.ts';
import { benchEngine } from './engine.ts';
import { benchProxy } from './proxy.ts';
import { benchServer } from './server.ts';
import { benchTenMillion } from './ten-million.ts';
import type { Figure } from './figure.ts';

const BENCHES: readonly (readonly [string, () => Promise<readonly Figure[]>])[] = [
  ['engine', benchEngine],
  ['proxy', benchProxy],
  ['doors', benchDoors],
  ['checker', benchChecker],
  ['server', benchServer],
];

/** Minutes long: only by name. */
const LONG: typeof BENCHES = [
  ['ten-million', benchTenMillion],
  ['check-cores', benchCheckCores],
  ['ten-million-attempts', benchTenMillionAttempts],
];

const asked = process.argv.slice(2);
let isGood = true;
const chosen = asked.length === 0 ? BENCHES : [...BENCHES, ...LONG].filter(([name]) => asked.includes(name));
for (const [, measure] of chosen) {
  for (const figure of await measure()) {
    isGood &&= figure.ok;
    const value = Number.isFinite(figure.value) ? figure.value.toFixed(2) : String(figure.value);
    console.log(
      `${figure.ok ? 'ok  ' : 'MISS'}  ${figure.name}: ${value} (required ${figure.required}); ${figure.detail}`,
    );
  }
}
process.exitCode = isGood ? 0 : 1;
